using System;
using System.Collections.Generic;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace ObjectStore.Engine.Host;

/// <summary>Where the front end listens and what it lets clients do.</summary>
internal sealed record FrontEndOptions
{
    /// <summary>Addresses of the S3 API; port 0 takes a free one.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>Addresses of health and metrics; empty: on the S3 addresses.</summary>
    public IReadOnlyList<IPEndPoint> OperationsListen { get; init; } = [];

    /// <summary>Certificate with its private key, then the rest of its chain; empty for plain HTTP.</summary>
    public X509Certificate2Collection Certificates { get; init; } = [];

    /// <summary>Domain of virtual-hosted buckets, so that <c>metrics.DOMAIN/health</c> is not taken for an operations path; empty for none.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Domains of websites, likewise.</summary>
    public IReadOnlyList<string> WebsiteDomains { get; init; } = [];

    /// <summary>Domains whose sub-domains are buckets, one way or the other.</summary>
    internal IReadOnlyList<string> BucketDomains => Domain.Length > 0 ? [Domain, .. WebsiteDomains] : WebsiteDomains;

    /// <summary>Connections at one time; more are refused.</summary>
    public int ConnectionCountMax { get; init; } = 20_000;

    /// <summary>A client slower than this for <see cref="SlowClientGrace"/>, in either direction, is cut off.</summary>
    public double ClientBytesPerSecondMin { get; init; } = 1024;

    /// <summary>How long a client may be slow.</summary>
    public TimeSpan SlowClientGrace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Room for a key of 1024 bytes, percent-encoded, and a presigned query.</summary>
    public int RequestLineBytesMax { get; init; } = 32 * 1024;

    /// <summary>All headers together.</summary>
    public int HeaderBytesMax { get; init; } = 64 * 1024;
}
