using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Metadata;

/// <summary>Conditional writes as S3 has them.</summary>
/// <remarks>Source: Amazon S3 user guide, "Conditional requests"; API reference, PutObject and DeleteObject.</remarks>
internal static class Preconditions
{
    /// <summary>For PUT, COPY and complete. <paramref name="current"/> is null when there is no object or its newest version is a delete marker.</summary>
    internal static MetadataError CheckWrite(WriteConditions? conditions, ObjectRecord? current)
    {
        if (conditions is null)
        {
            return MetadataError.None;
        }

        if (conditions.IfMatch is { } wanted)
        {
            if (current is null)
            {
                return MetadataError.PreconditionNoSuchKey;
            }

            if (!Matches(wanted, current))
            {
                return MetadataError.PreconditionFailed;
            }
        }

        return conditions.IfNoneMatch is { } unwanted && current is not null && Matches(unwanted, current)
            ? MetadataError.PreconditionFailed
            : MetadataError.None;
    }

    /// <summary>For DELETE. An entity tag wants an object that has it; what is not there meets every other condition.</summary>
    /// <param name="conditions">What is asked.</param>
    /// <param name="target">The version to delete, which may be a delete marker; null when there is none.</param>
    internal static MetadataError CheckDelete(WriteConditions conditions, ObjectRecord? target)
    {
        if (target is null)
        {
            return conditions.IfMatch is null ? MetadataError.None : MetadataError.PreconditionNoSuchKey;
        }

        bool holds = (conditions.IfMatch is not { } wanted || (!target.IsDeleteMarker && Matches(wanted, target)))
            && (conditions.IfNoneMatch is not { } unwanted || !Matches(unwanted, target))
            && (conditions.IfMatchSizeBytes is not { } size || size == target.SizeBytes)
            && (conditions.IfMatchModifiedUtc is not { } time || WholeSeconds(time) == WholeSeconds(target.ModifiedUtc));
        return holds ? MetadataError.None : MetadataError.PreconditionFailed;
    }

    private static bool Matches(IReadOnlyList<string> etags, ObjectRecord record)
    {
        for (int i = 0; i < etags.Count; i++)
        {
            if (etags[i] == "*" || etags[i] == record.ETag)
            {
                return true;
            }
        }

        return false;
    }

    // Clients know times as HTTP dates.
    private static long WholeSeconds(DateTime time) => time.Ticks / TimeSpan.TicksPerSecond;
}
