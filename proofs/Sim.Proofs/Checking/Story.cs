using System;
using System.Collections.Generic;
using System.Text;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Sim.Proofs.Checking;

/// <summary>Writes histories by hand.</summary>
internal sealed class Story
{
    internal const string Bucket = "b";

    internal History<S3Operation, S3Result> History { get; } = new();

    internal HistoryEntry<S3Operation, S3Result> Call(S3Operation operation) => History.Called(History.Entries.Count, operation, TimeSpan.Zero);

    internal void Return(HistoryEntry<S3Operation, S3Result> entry, S3Result result) => History.Returned(entry, result, TimeSpan.Zero);

    /// <summary>A call with its return right after it.</summary>
    internal Story Did(S3Operation operation, S3Result result)
    {
        Return(Call(operation), result);
        return this;
    }

    internal LinearizabilityReport<S3Operation, S3Result> Check(S3Versioning versioning = S3Versioning.Off) =>
        LinearizabilityChecker.Check(Model(versioning, S3HistoryParts.ToldIds(History.Entries)), S3HistoryParts.Prepare(History.Entries));

    internal static S3Model Model(S3Versioning versioning, IReadOnlySet<(string Bucket, string Key, string Id)>? told = null) =>
        new([new KeyValuePair<string, S3Versioning>(Bucket, versioning)]) { PartSizeBytesMin = 1, ToldIds = told ?? new HashSet<(string, string, string)>() };

    internal static ContentDigest Content(string text) => ContentDigest.Of(Encoding.UTF8.GetBytes(text));

    internal static S3Operation Put(string key, string text) => new() { Verb = S3Verb.Put, Bucket = Bucket, Key = key, Content = Content(text) };

    internal static S3Operation Get(string key) => new() { Verb = S3Verb.Get, Bucket = Bucket, Key = key };

    internal static S3Operation Delete(string key) => new() { Verb = S3Verb.Delete, Bucket = Bucket, Key = key };

    internal static S3Operation List() => new() { Verb = S3Verb.List, Bucket = Bucket };

    internal static S3Result Stored(string text, string? version = null) => new() { ETag = Content(text).Md5, VersionId = version };

    internal static S3Result Found(string text, string? version = null) => new() { ETag = Content(text).Md5, Content = Content(text), VersionId = version };

    internal static S3Result Gone() => new() { Status = 204 };

    internal static S3Result Missing() => S3Result.Refused(404, "NoSuchKey");

    internal static S3Result Refused() => S3Result.Refused(412, "PreconditionFailed");

    internal static S3Result Listed(params (string Key, string Text)[] entries) =>
        new() { Entries = Array.ConvertAll(entries, static entry => new S3Entry(entry.Key, Content(entry.Text).Md5, Content(entry.Text).SizeBytes)) };
}
