using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Proofs;

/// <summary>A store of one bucket in memory, right but for the fault that is planted: sizes one too large, listings one entry short.</summary>
internal sealed class MemoryStore : IS3Client
{
    private readonly SortedDictionary<string, List<Version>> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, (string ETag, long SizeBytes)>> _uploads = new(StringComparer.Ordinal);
    private bool _isVersioned;
    private bool _isArmed;
    private int _made;

    /// <summary>Plants the fault; it shows after <see cref="Arm"/>.</summary>
    internal bool IsWrong { get; init; }

    /// <summary>From here on the fault shows.</summary>
    internal void Arm() => _isArmed = IsWrong;

    /// <inheritdoc/>
    public ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default) => new(Answer(operation));

    private S3Result Answer(S3Operation operation)
    {
        switch (operation.Verb)
        {
            case S3Verb.CreateBucket:
                return new S3Result();
            case S3Verb.SetVersioning:
                _isVersioned = operation.Versioning == S3Versioning.Enabled;
                return new S3Result();
            case S3Verb.Put:
                return Put(operation);
            case S3Verb.Get or S3Verb.Head:
                return Read(operation);
            case S3Verb.Delete:
                return Delete(operation);
            case S3Verb.List:
                return List(operation);
            case S3Verb.CreateUpload:
                string id = Next("upload");
                _uploads.Add(id, []);
                return new S3Result { UploadId = id };
            case S3Verb.UploadPart:
                string tag = Next("part");
                _uploads[operation.UploadId][operation.PartNumber] = (tag, operation.Body.Length);
                return new S3Result { ETag = tag };
            case S3Verb.CompleteUpload:
                SortedDictionary<int, (string ETag, long SizeBytes)> parts = _uploads[operation.UploadId];
                return operation.Parts.All(part => parts[part.Number].ETag == part.ETag)
                    ? Store(operation.Key, parts.Values.Sum(static part => part.SizeBytes))
                    : S3Result.Refused(400, "InvalidPart");
            default:
                return S3Result.Refused(501, "NotImplemented");
        }
    }

    private S3Result Put(S3Operation operation)
    {
        string now = Newest(operation.Key)?.ETag ?? "";
        bool holds = operation.IfNoneMatch is null ? operation.IfMatch is null || operation.IfMatch == now : now.Length == 0;
        return holds ? Store(operation.Key, operation.Body.Length) : S3Result.Refused(412, "PreconditionFailed");
    }

    private S3Result Store(string key, long sizeBytes)
    {
        var version = new Version(_isVersioned ? Next("version") : null, Next("etag"), sizeBytes, IsMarker: false);
        if (!_keys.TryGetValue(key, out List<Version>? versions))
        {
            _keys.Add(key, versions = []);
        }

        if (!_isVersioned)
        {
            versions.Clear();
        }

        versions.Add(version);
        return new S3Result { ETag = version.ETag, VersionId = version.Id };
    }

    private S3Result Read(S3Operation operation)
    {
        Version? version = operation.VersionId is null
            ? Newest(operation.Key)
            : _keys.GetValueOrDefault(operation.Key)?.Find(found => found.Id == operation.VersionId);
        if (version is null)
        {
            return S3Result.Refused(404, "NoSuchKey");
        }

        long size = operation.Range is { } range ? Math.Min(range.Last + 1, version.SizeBytes) - range.First : version.SizeBytes;
        return new S3Result { ETag = version.ETag, VersionId = version.Id, Content = new ContentDigest(size + (_isArmed ? 1 : 0), 0, "") };
    }

    private S3Result Delete(S3Operation operation)
    {
        if (operation.VersionId is { } id)
        {
            _keys.GetValueOrDefault(operation.Key)?.RemoveAll(version => version.Id == id);
        }
        else if (_isVersioned)
        {
            _keys.GetValueOrDefault(operation.Key)?.Add(new Version(Next("version"), "", 0, IsMarker: true));
        }
        else
        {
            _keys.Remove(operation.Key);
        }

        return new S3Result { Status = 204 };
    }

    private S3Result List(S3Operation operation)
    {
        string[] found = [.. _keys.Keys.Where(key => key.StartsWith(operation.Prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, operation.StartAfter) > 0 && Newest(key) is not null)];
        if (operation.Delimiter.Length > 0)
        {
            return new S3Result { CommonPrefixes = [.. found.Select(key => key[..(key.IndexOf(operation.Delimiter, operation.Prefix.Length, StringComparison.Ordinal) + 1)]).Distinct()] };
        }

        S3Entry[] page = [.. found.Take(operation.EntriesMax).Skip(_isArmed ? 1 : 0).Select(key => new S3Entry(key, Newest(key)!.ETag, Newest(key)!.SizeBytes))];
        return new S3Result { Entries = page, IsTruncated = found.Length > operation.EntriesMax };
    }

    private Version? Newest(string key) => _keys.TryGetValue(key, out List<Version>? versions) && versions.Count > 0 && !versions[^1].IsMarker ? versions[^1] : null;

    private string Next(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{_made++}");

    private sealed record Version(string? Id, string ETag, long SizeBytes, bool IsMarker);
}
