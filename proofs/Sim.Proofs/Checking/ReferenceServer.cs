using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Sim.Proofs.Checking;

/// <summary>A correct object store in a few lines, written apart from the model that is under test: it makes answers, the model judges them.</summary>
internal sealed class ReferenceServer(S3Versioning versioning)
{
    private readonly SortedDictionary<string, List<S3Version>> _keys = new(KeyOrder.Instance);
    private readonly Dictionary<string, SortedDictionary<int, ContentDigest>> _uploads = new(StringComparer.Ordinal);
    private int _lastId;

    internal S3Result Do(S3Operation operation)
    {
        List<S3Version> versions = _keys.TryGetValue(operation.Key, out List<S3Version>? known) ? known : [];
        S3Version? current = versions.Count > 0 && !versions[0].IsDeleteMarker ? versions[0] : null;
        switch (operation.Verb)
        {
            case S3Verb.Put:
                return Refusal(operation, current) ?? Write(operation.Key, operation.Content!.Value.Md5, operation.Content.Value);
            case S3Verb.Get:
            case S3Verb.Head:
                return current is null ? S3Result.Refused(404, "NoSuchKey") : Shown(current);
            case S3Verb.Delete:
                return Delete(operation.Key, versions);
            case S3Verb.Copy:
                S3Version? source = _keys.TryGetValue(operation.SourceKey, out List<S3Version>? from) && !from[0].IsDeleteMarker ? from[0] : null;
                return source is null ? S3Result.Refused(404, "NoSuchKey") : Write(operation.Key, source.ETag, source.Content);
            case S3Verb.List:
                return new S3Result
                {
                    Entries = [.. _keys.Where(key => !key.Value[0].IsDeleteMarker && key.Key.StartsWith(operation.Prefix, StringComparison.Ordinal))
                        .Select(key => new S3Entry(key.Key, key.Value[0].ETag, key.Value[0].Content.SizeBytes))],
                };
            case S3Verb.ListVersions:
                return new S3Result
                {
                    Entries = [.. _keys.SelectMany(key => key.Value.Select((version, index) => new S3Entry(key.Key, version.ETag, version.Content.SizeBytes)
                    {
                        VersionId = version.Id,
                        IsDeleteMarker = version.IsDeleteMarker,
                        IsLatest = index == 0,
                    }))],
                };
            case S3Verb.CreateUpload:
                string id = $"u{++_lastId}";
                _uploads[id] = [];
                return new S3Result { UploadId = id };
            case S3Verb.UploadPart:
                if (!_uploads.TryGetValue(operation.UploadId, out SortedDictionary<int, ContentDigest>? parts))
                {
                    return S3Result.Refused(404, "NoSuchUpload");
                }

                parts[operation.PartNumber] = operation.Content!.Value;
                return new S3Result { ETag = operation.Content.Value.Md5 };
            case S3Verb.CompleteUpload:
                return Complete(operation);
            case S3Verb.AbortUpload:
                return _uploads.Remove(operation.UploadId) ? new S3Result { Status = 204 } : S3Result.Refused(404, "NoSuchUpload");
            default:
                throw new ArgumentException($"no {operation.Verb} here", nameof(operation));
        }
    }

    private static S3Result? Refusal(S3Operation operation, S3Version? current)
    {
        if (operation.IfNoneMatch == "*" && current is not null)
        {
            return S3Result.Refused(412, "PreconditionFailed");
        }

        return operation.IfMatch is null || operation.IfMatch == current?.ETag ? null
            : current is null ? S3Result.Refused(404, "NoSuchKey") : S3Result.Refused(412, "PreconditionFailed");
    }

    private S3Result Complete(S3Operation operation)
    {
        if (!_uploads.TryGetValue(operation.UploadId, out SortedDictionary<int, ContentDigest>? parts))
        {
            return S3Result.Refused(404, "NoSuchUpload");
        }

        if (operation.Parts.Any(part => !parts.TryGetValue(part.Number, out ContentDigest content) || content.Md5 != part.ETag))
        {
            return S3Result.Refused(400, "InvalidPart");
        }

        _uploads.Remove(operation.UploadId);
        ContentDigest whole = operation.Parts.Aggregate(default(ContentDigest), (sum, part) => sum.Then(parts[part.Number]));
        return Write(operation.Key, S3Model.MultipartETag([.. operation.Parts.Select(part => part.ETag)]), whole);
    }

    private S3Result Write(string key, string etag, ContentDigest content)
    {
        string id = versioning == S3Versioning.Enabled ? string.Create(CultureInfo.InvariantCulture, $"v{++_lastId}") : S3Version.NullId;
        Push(key, new S3Version(id, IsDeleteMarker: false, etag, content));
        return new S3Result { ETag = etag, VersionId = versioning == S3Versioning.Off ? null : id };
    }

    private S3Result Delete(string key, List<S3Version> versions)
    {
        if (versioning == S3Versioning.Off)
        {
            _keys.Remove(key);
            return new S3Result { Status = 204 };
        }

        string id = versioning == S3Versioning.Enabled ? string.Create(CultureInfo.InvariantCulture, $"v{++_lastId}") : S3Version.NullId;
        Push(key, new S3Version(id, IsDeleteMarker: true, "", default));
        return new S3Result { Status = 204, VersionId = id, IsDeleteMarker = true };
    }

    private void Push(string key, S3Version version)
    {
        if (!_keys.TryGetValue(key, out List<S3Version>? versions))
        {
            _keys[key] = versions = [];
        }

        if (versioning != S3Versioning.Enabled)
        {
            versions.RemoveAll(old => old.Id == S3Version.NullId);
        }

        versions.Insert(0, version);
    }

    private S3Result Shown(S3Version version) =>
        new() { ETag = version.ETag, Content = version.Content, VersionId = versioning == S3Versioning.Off ? null : version.Id };
}
