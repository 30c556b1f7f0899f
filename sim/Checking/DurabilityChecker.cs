using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Sim.Checking;

/// <summary>The plain question, apart from all orders: does each key still hold what it must after the last recovery?</summary>
/// <remarks>
/// Weaker than linearizability and independent of its search and of the model. A key may hold the content of a write only when no
/// acknowledged write or delete of the key began after that write had ended; it may be empty only when a delete, or nothing acknowledged, explains it.
/// </remarks>
public static class DurabilityChecker
{
    private static readonly S3Verb[] Writes = [S3Verb.Put, S3Verb.Copy, S3Verb.CompleteUpload, S3Verb.Delete];

    /// <summary>Judges the reads that <paramref name="reader"/> made at the end.</summary>
    /// <param name="entries">The history as recorded.</param>
    /// <param name="reader">The client whose reads came after everything else.</param>
    /// <returns>Null when all is there, else what is missing.</returns>
    public static string? Check(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries, int reader)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (HistoryEntry<S3Operation, S3Result> read in entries)
        {
            if (read.Client != reader || read.Operation is not { Verb: S3Verb.Get, VersionId: null } || read.Result is not { Status: < 500 and > 0 })
            {
                continue;
            }

            HistoryEntry<S3Operation, S3Result>[] writes = [.. entries.Where(entry => entry.Call < read.Call && MayHaveWritten(entry, read.Operation))];
            if (writes.Any(write => Explains(write, read.Result) && !IsBuried(write, writes))
                || (IsNothing(read.Result) && !writes.Any(IsAcknowledged)))
            {
                continue;
            }

            return $"{read} is explained by no write that could still stand; the key's writes:\n  {string.Join("\n  ", writes.AsEnumerable())}";
        }

        return null;
    }

    private static bool MayHaveWritten(HistoryEntry<S3Operation, S3Result> entry, S3Operation read) =>
        Writes.Contains(entry.Operation.Verb) && entry.Operation.Bucket == read.Bucket && entry.Operation.Key == read.Key
        && entry.Result is null or { Ok: true } or { Status: >= 500 };

    private static bool IsAcknowledged(HistoryEntry<S3Operation, S3Result> write) => write.Result is { Ok: true };

    /// <summary>True when an acknowledged write of the key began after this one was acknowledged. Deletes by version bury nothing.</summary>
    private static bool IsBuried(HistoryEntry<S3Operation, S3Result> write, HistoryEntry<S3Operation, S3Result>[] writes) =>
        IsAcknowledged(write) && writes.Any(later => IsAcknowledged(later) && later.Operation.VersionId is null && later.Call > write.Return && !IsRepetition(later, writes))
        && !writes.Any(static delete => delete.Operation.VersionId is not null);

    /// <summary>True for a completion of an upload that may have been completed before: it is answered once more and writes nothing.</summary>
    private static bool IsRepetition(HistoryEntry<S3Operation, S3Result> write, HistoryEntry<S3Operation, S3Result>[] writes) =>
        write.Operation.Verb == S3Verb.CompleteUpload
        && writes.Any(earlier => earlier.Operation.Verb == S3Verb.CompleteUpload && earlier.Operation.UploadId == write.Operation.UploadId && earlier.Call < write.Call);

    private static bool Explains(HistoryEntry<S3Operation, S3Result> write, S3Result read) => write.Operation.Verb switch
    {
        S3Verb.Delete => IsNothing(read),
        S3Verb.Put => read.Ok && read.Content is { } content && content == write.Operation.Content,
        _ => read.Ok && (write.Result is not { Ok: true } || read.ETag == write.Result.ETag),
    };

    private static bool IsNothing(S3Result read) => read.Code == "NoSuchKey";
}
