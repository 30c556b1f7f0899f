using System;

namespace ObjectStore.Engine.Rpc;

/// <summary>Bounds and times of an <see cref="RpcEndpoint"/>.</summary>
public sealed record RpcOptions
{
    /// <summary>Calls up to this size, of request and answer, do not wait for larger ones.</summary>
    public int SmallBytesMax { get; init; } = 64 * 1024;

    /// <summary>Small calls, and large calls, under way to one peer; the next ones wait their turn.</summary>
    public int CallsInFlightMax { get; init; } = 256;

    /// <summary>Bytes of small calls, and of large calls, under way to one peer; a larger single one still goes, alone.</summary>
    public long BytesInFlightMax { get; init; } = 32L * 1024 * 1024;

    /// <summary>Small calls, and large calls, that wait their turn towards one peer; more are answered with <see cref="RpcStatus.NotExecuted"/>.</summary>
    public int CallsWaitingMax { get; init; } = 16 * 1024;

    /// <summary>Handlers that run at the same time for one peer; further requests are answered with <see cref="RpcStatus.NotExecuted"/>.</summary>
    public int HandlersMax { get; init; } = 4096;

    /// <summary>How long a greeting may take before it is sent again.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromMilliseconds(100);
}
