using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Settings of the gateway.</summary>
public sealed record GatewayOptions
{
    /// <summary>Region that this endpoint is in.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Domains whose sub-domains are buckets (virtual-hosted style), without a leading dot. Empty: path style only.</summary>
    public IReadOnlyList<string> BaseDomains { get; init; } = [];

    /// <summary>Domains whose sub-domains are websites: buckets as browsers see them (Website/). Without a leading dot; empty for none.</summary>
    public IReadOnlyList<string> WebsiteDomains { get; init; } = [];

    /// <summary>Also accept Signature Version 2 (see decisions/0006).</summary>
    public bool AcceptSignatureVersion2 { get; init; } = true;

    /// <summary>The secret of server-side encryption, 32 bytes. Empty: SSE-S3 and SSE-KMS are refused, SSE-C works.</summary>
    public ReadOnlyMemory<byte> MasterKey { get; init; }

    /// <summary>Bodies up to this many bytes ride inline in the metadata command.</summary>
    public int InlineBytesMax { get; init; } = 32 * 1024;

    /// <summary>Of these, bodies up to this many bytes lie in the row of their object: one lookup finds both. Listings read over them, so it is a fraction of a block of rows.</summary>
    public int RowBodyBytesMax { get; init; } = 1024;

    /// <summary>Chunks of one body that may be on their way to the disk at once.</summary>
    public int ChunksInFlightMax { get; init; } = 3;

    /// <summary>Largest XML or JSON document that a request may carry: 10,000 parts with checksums, or 1000 keys to delete, fit.</summary>
    public int DocumentBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Buckets that one identity may own.</summary>
    public int BucketsMax { get; init; } = 10_000;

    /// <summary>Days of lifecycle rules, and paces of the worker that does what they ask for.</summary>
    public LifecycleOptions Lifecycle { get; init; } = new();

    /// <summary>Paces and limits of access logs.</summary>
    public AccessLogOptions AccessLog { get; init; } = new();

    /// <summary>Who may be told of events, and paces of telling.</summary>
    public EventOptions Events { get; init; } = new();

    /// <summary>Memory for chunks that are read again and again, in bytes. Less than a page of 16 KiB, such as 0: no cache.</summary>
    public long ChunkCacheBytes { get; init; }
}
