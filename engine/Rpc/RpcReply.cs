using System;

namespace ObjectStore.Engine.Rpc;

/// <summary>How a call ended.</summary>
public enum RpcStatus : byte
{
    /// <summary>The handler answered.</summary>
    Ok = 0,

    /// <summary>The handler was certainly not run: it may be tried again, here or elsewhere.</summary>
    NotExecuted = 1,

    /// <summary>No answer in time, or the peer began another life. The handler may have run, may still be running, or may run later.</summary>
    Unknown = 2,

    /// <summary>The handler ran and failed in a way that it does not describe; see the trace of that node.</summary>
    Failed = 3,
}

/// <summary>The end of a call.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Payload">With <see cref="RpcStatus.Ok"/>: the answer; belongs to the caller.</param>
public readonly record struct RpcReply(RpcStatus Status, ReadOnlyMemory<byte> Payload)
{
    /// <summary>True when the handler answered.</summary>
    public bool Ok => Status == RpcStatus.Ok;
}
