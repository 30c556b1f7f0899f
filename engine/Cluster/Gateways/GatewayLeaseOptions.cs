using System;

namespace ObjectStore.Engine.Cluster;

/// <summary>Times of gateway leases. The same on all nodes.</summary>
public sealed record GatewayLeaseOptions
{
    /// <summary>How long an epoch stays open without a renewal.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between renewals.</summary>
    public TimeSpan RenewInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock assumption: within a lease no two nodes' monotonic clocks drift apart by more than this part in a million. Broken, a read in progress may lose its data
    /// (it fails then, by checksum or by absence; it is never wrong).</summary>
    public int ClockDriftPerMillionMax { get; init; } = 100_000;

    /// <summary>How long a gateway trusts its own lease: shorter than the keeper waits, by the drift.</summary>
    internal TimeSpan OwnLease => Lease * (1.0 - (2.0 * ClockDriftPerMillionMax / 1_000_000));
}
