using System.Collections.Generic;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Contract;

/// <summary>An upload that a client has begun.</summary>
public sealed record OpenUpload(string Key, string UploadId, SortedDictionary<int, string> PartETags)
{
    /// <summary>ETags of parts that were uploaded again since.</summary>
    public SortedDictionary<int, string> StaleETags { get; } = [];
}

/// <summary>What a client remembers of the answers that it got: what a condition or a version id is drawn from.</summary>
public sealed class WorkloadMemory
{
    private const int VersionsKept = 8;

    /// <summary>The last ETag seen of each key.</summary>
    public SortedDictionary<string, string> ETags { get; } = new(System.StringComparer.Ordinal);

    /// <summary>Versions seen, oldest first.</summary>
    public List<(string Key, string VersionId)> Versions { get; } = [];

    /// <summary>Uploads begun and not ended.</summary>
    public List<OpenUpload> Uploads { get; } = [];

    /// <summary>The last upload that was completed or aborted.</summary>
    public OpenUpload? EndedUpload { get; set; }

    /// <summary>Notes what an answer told.</summary>
    public void Learn(S3Operation operation, S3Result? result)
    {
        System.ArgumentNullException.ThrowIfNull(operation);
        if (result is not { Ok: true })
        {
            return;
        }

        if (result.ETag.Length > 0 && operation.Verb != S3Verb.UploadPart)
        {
            ETags[operation.Key] = result.ETag;
        }

        if (result.VersionId is { } id && operation.VersionId is null)
        {
            Versions.Add((operation.Key, id));
            if (Versions.Count > VersionsKept)
            {
                Versions.RemoveAt(0);
            }
        }
    }
}
