using System;

namespace ObjectStore.Engine.Rpc;

/// <summary>Bounds and times of an <see cref="RpcEndpoint"/>.</summary>
public sealed record RpcOptions
{
    /// <summary>Calls under way to one peer; the next ones wait their turn.</summary>
    public int CallsInFlightMax { get; init; } = 256;

    /// <summary>Request bytes under way to one peer; a larger single request still goes, alone.</summary>
    public long BytesInFlightMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Calls that wait their turn towards one peer; more are answered with <see cref="RpcStatus.NotExecuted"/>.</summary>
    public int CallsWaitingMax { get; init; } = 16 * 1024;

    /// <summary>Handlers that run at the same time for one peer; further requests are answered with <see cref="RpcStatus.NotExecuted"/>.</summary>
    public int HandlersMax { get; init; } = 4096;

    /// <summary>How long a greeting may take before it is sent again.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromMilliseconds(100);
}
