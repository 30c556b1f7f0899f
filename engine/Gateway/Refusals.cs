using System;
using System.IO;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>What may go wrong while a request is handled, as the refusal that its client is told. Everything else is a bug, or the client is gone.</summary>
internal static class Refusals
{
    /// <summary>Whether the client is told.</summary>
    internal static bool Covers(Exception failure) => failure is S3Exception or StorageException or IOException;

    /// <summary>The refusal. Faults of storage go to the log.</summary>
    /// <param name="failure">One that is covered.</param>
    /// <param name="trace">The log.</param>
    /// <param name="requestId">Of the request.</param>
    internal static S3Exception Of(Exception failure, ITrace trace, string requestId)
    {
        switch (failure)
        {
            case S3Exception refusal:
                return refusal;
            case StorageException fault:
                trace.Emit(
                    TraceLevel.Error, "gateway", "storage-fault", ("request", requestId), ("error", fault.Error.ToString()), ("file", fault.File), ("offset", fault.Offset));
                return new S3Exception(S3Errors.From(fault.Error));
            default:
                return new S3Exception(S3Errors.RequestTimeout);
        }
    }
}
