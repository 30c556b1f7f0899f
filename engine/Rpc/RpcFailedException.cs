using System;

namespace ObjectStore.Engine.Rpc;

/// <summary>Thrown by a handler that began and cannot say how it ended in its answer: the caller gets <see cref="RpcStatus.Failed"/>.</summary>
public sealed class RpcFailedException(string message) : Exception(message);
