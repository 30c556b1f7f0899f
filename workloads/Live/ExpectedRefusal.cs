using System;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Live;

/// <summary>Refusals that are part of the game, and no errors.</summary>
public static class ExpectedRefusal
{
    /// <summary>Whether this is one: a condition that did not hold, or a look at a key that nobody has made yet, before it is made.</summary>
    public static bool Is(S3Operation operation, S3Result? result)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return result is { Ok: false }
            && ((operation.IfMatch ?? operation.IfNoneMatch) is not null
                ? result.Status is 412 or 409 or 404
                : operation.Verb == S3Verb.Head && result.Status == 404 && operation.Key.Contains("shared/", StringComparison.Ordinal));
    }
}
