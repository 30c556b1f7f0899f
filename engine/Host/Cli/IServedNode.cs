using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;
using ObjectStore.Engine.Node;

namespace ObjectStore.Engine.Host;

/// <summary>What a server serves: a node that stands alone, or one of a region. Disposing closes its disks.</summary>
internal interface IServedNode : IAsyncDisposable
{
    /// <summary>Answers requests.</summary>
    IS3Gateway Gateway { get; }

    /// <summary>Who may call.</summary>
    IdentityDirectory Identities { get; }

    /// <summary>Requests can be served now.</summary>
    bool IsReady { get; }

    /// <summary>Of the region; null for a node that stands alone.</summary>
    IClusterAdministration? Administration { get; }

    /// <summary>Lets other nodes lead what this one leads.</summary>
    Task HandOverAsync(TimeSpan patience);

    /// <summary>Adds its series.</summary>
    Task WriteMetricsAsync(PrometheusText text);
}
