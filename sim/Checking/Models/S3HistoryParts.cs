using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Sim.Checking;

/// <summary>Brings a recorded history into the form that the model speaks about, and splits it.</summary>
public static class S3HistoryParts
{
    /// <summary>What was recorded, made ready to be checked.</summary>
    /// <remarks>
    /// An answer of 500 or more says nothing about the effect: unknown. A conflict (409), or a request that never arrived whole, means no effect: left out. A copy is not atomic over its two keys: it
    /// becomes a read and a write within the same interval. A version id that nobody was told but somebody saw is given to the write that
    /// alone can have made it, recognised by its ETag; the id that a repeated completion told, to those of the same upload whose answers never came.
    /// </remarks>
    public static IReadOnlyList<HistoryEntry<S3Operation, S3Result>> Prepare(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Dictionary<(string Bucket, string Key, string ETag), string?> seen = IdsOfNobody(entries);
        Dictionary<(string Bucket, string Key, string Upload), string> completed = IdsOfUploads(entries);
        var ages = VersionAges.Of(entries);
        var prepared = new List<HistoryEntry<S3Operation, S3Result>>(entries.Count);
        int copies = 0;
        foreach (HistoryEntry<S3Operation, S3Result> entry in entries)
        {
            if (entry.Result is { Code: "ConditionalRequestConflict" or "OperationAborted" or "NotSent" })
            {
                continue;
            }

            bool unknown = entry.Result is null or { Status: >= 500 };
            if (entry.Operation.Verb != S3Verb.Copy)
            {
                prepared.Add(unknown ? Unknown(entry, Named(entry.Operation, seen, completed), ages) : With(entry, entry.Operation, ages));
                continue;
            }

            S3Operation read = entry.Operation with { Verb = S3Verb.CopyRead, CopyId = ++copies };
            S3Operation write = read with { Verb = S3Verb.CopyWrite };
            if (unknown)
            {
                prepared.Add(Unknown(entry, read, ages));
                prepared.Add(Unknown(entry, write, ages));
            }
            else if (entry.Result!.Ok)
            {
                prepared.Add(With(entry, read, ages));
                prepared.Add(With(entry, write, ages));
            }
            else
            {
                prepared.Add(With(entry, entry.Result.Code == "PreconditionFailed" ? write : read, ages));
            }
        }

        return prepared;
    }

    /// <summary>Version ids that acknowledged writes were given.</summary>
    public static IReadOnlySet<(string Bucket, string Key, string Id)> ToldIds(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var told = new HashSet<(string, string, string)>();
        foreach (HistoryEntry<S3Operation, S3Result> entry in entries)
        {
            if (entry.Result is { Ok: true, VersionId: { } id } && !entry.Operation.OnlyReads && entry.Operation.VersionId is null)
            {
                told.Add((entry.Operation.Bucket, entry.Operation.Key, id));
            }
        }

        return told;
    }

    /// <summary>Keys that no operation ties together are checked apart; a bucket with listings or changes of the bucket itself is one part.</summary>
    internal static IReadOnlyList<IReadOnlyList<HistoryEntry<S3Operation, S3Result>>> Of(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries)
    {
        var wide = new HashSet<string>(entries.Where(static entry => entry.Operation.IsBucketWide).Select(static entry => entry.Operation.Bucket), StringComparer.Ordinal);
        var leaders = new Dictionary<(string, string), (string, string)>();
        var parts = new Dictionary<(string, string), List<HistoryEntry<S3Operation, S3Result>>>();
        var ordered = new List<List<HistoryEntry<S3Operation, S3Result>>>();
        foreach (S3Operation operation in entries.Select(static entry => entry.Operation).Where(static operation => operation.SourceKey.Length > 0))
        {
            leaders[Leader(operation.Bucket, operation.SourceKey)] = Leader(operation.Bucket, operation.Key);
        }

        foreach (HistoryEntry<S3Operation, S3Result> entry in entries)
        {
            (string, string) name = wide.Contains(entry.Operation.Bucket) ? (entry.Operation.Bucket, "") : Leader(entry.Operation.Bucket, entry.Operation.Key);
            if (!parts.TryGetValue(name, out List<HistoryEntry<S3Operation, S3Result>>? part))
            {
                parts[name] = part = [];
                ordered.Add(part);
            }

            part.Add(entry);
        }

        return ordered;

        (string, string) Leader(string bucket, string key)
        {
            (string, string) name = (bucket, key);
            while (leaders.TryGetValue(name, out (string, string) next) && next != name)
            {
                name = next;
            }

            return name;
        }
    }

    private static HistoryEntry<S3Operation, S3Result> Unknown(HistoryEntry<S3Operation, S3Result> entry, S3Operation operation, VersionAges ages) => new()
    {
        Id = entry.Id,
        Client = entry.Client,
        Operation = operation,
        Call = entry.Call,
        CallTime = entry.CallTime,
        ReturnTime = entry.ReturnTime,
        OrderHint = ages.Age(operation.Bucket, operation.Key, operation.VersionId),
    };

    private static HistoryEntry<S3Operation, S3Result> With(HistoryEntry<S3Operation, S3Result> entry, S3Operation operation, VersionAges ages) => new()
    {
        Id = entry.Id,
        Client = entry.Client,
        Operation = operation,
        Call = entry.Call,
        CallTime = entry.CallTime,
        Return = entry.Return,
        Result = entry.Result,
        ReturnTime = entry.ReturnTime,
        OrderHint = operation.OnlyReads ? null : ages.Age(operation.Bucket, operation.Key, entry.Result?.VersionId),
    };

    private static S3Operation Named(
        S3Operation operation, Dictionary<(string, string, string), string?> seen, Dictionary<(string, string, string), string> completed)
    {
        string? id = operation.Verb switch
        {
            S3Verb.Put => seen.GetValueOrDefault((operation.Bucket, operation.Key, operation.Content!.Value.Md5)),
            S3Verb.CompleteUpload => completed.GetValueOrDefault((operation.Bucket, operation.Key, operation.UploadId)),
            _ => null,
        };
        return id is null ? operation : operation with { VersionId = id };
    }

    /// <summary>The version that an upload became, as far as some completion of it was told.</summary>
    private static Dictionary<(string Bucket, string Key, string Upload), string> IdsOfUploads(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries)
    {
        var told = new Dictionary<(string, string, string), string>();
        foreach (HistoryEntry<S3Operation, S3Result> entry in entries)
        {
            if (entry.Operation.Verb == S3Verb.CompleteUpload && entry.Result is { Ok: true, VersionId: { } id and not S3Version.NullId })
            {
                told.TryAdd((entry.Operation.Bucket, entry.Operation.Key, entry.Operation.UploadId), id);
            }
        }

        return told;
    }

    /// <summary>Version ids that were seen in reads and that no acknowledged write was given, by ETag; null when an ETag has several.</summary>
    private static Dictionary<(string Bucket, string Key, string ETag), string?> IdsOfNobody(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries)
    {
        IReadOnlySet<(string, string, string)> told = ToldIds(entries);
        var seen = new Dictionary<(string, string, string), string?>();
        foreach (HistoryEntry<S3Operation, S3Result> entry in entries)
        {
            if (entry.Result is not { Ok: true } result || !entry.Operation.OnlyReads)
            {
                continue;
            }

            Note(entry.Operation.Bucket, entry.Operation.Key, result.ETag, result.VersionId);
            foreach (S3Entry listed in result.Entries)
            {
                Note(entry.Operation.Bucket, listed.Key, listed.ETag, listed.VersionId);
            }
        }

        return seen;

        void Note(string bucket, string key, string etag, string? id)
        {
            if (id is null or S3Version.NullId || etag.Length == 0 || told.Contains((bucket, key, id)))
            {
                return;
            }

            if (!seen.TryAdd((bucket, key, etag), id) && seen[(bucket, key, etag)] != id)
            {
                seen[(bucket, key, etag)] = null;
            }
        }
    }
}
