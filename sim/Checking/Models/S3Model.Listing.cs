using System;

namespace ObjectStore.Sim.Checking;

/// <summary>Listings: each must equal the whole bucket at one moment.</summary>
public sealed partial class S3Model
{
    private bool IsListing(S3BucketState bucket, S3Operation operation, S3Result? result)
    {
        if (result is null)
        {
            return true;
        }

        if (!result.Ok)
        {
            return false;
        }

        var expected = new Page(operation, result, PagesMayEndEarly);
        foreach ((string name, S3KeyState key) in bucket.Keys)
        {
            if (key.Current is { } current && !expected.Take(name, () =>
                    expected.NextEntry() is { } entry && entry.Key == name && SameTag(current, entry.ETag) && entry.SizeBytes == current.Content.SizeBytes))
            {
                break;
            }
        }

        return expected.IsRight;
    }

    private bool IsVersionListing(S3BucketState bucket, S3Operation operation, S3Result? result)
    {
        if (result is null)
        {
            return true;
        }

        if (!result.Ok)
        {
            return false;
        }

        var expected = new Page(operation, result, PagesMayEndEarly);
        foreach ((string name, S3KeyState key) in bucket.Keys)
        {
            for (int index = 0; index < key.Versions.Length; index++)
            {
                S3Version version = key.Versions[index];
                bool isLatest = index == 0;
                if (!expected.Take(name, () => expected.NextEntry() is { } entry && IsVersionEntry(operation.Bucket, name, version, isLatest, entry)))
                {
                    return expected.IsRight;
                }
            }
        }

        return expected.IsRight;
    }

    private bool IsVersionEntry(string bucket, string name, S3Version version, bool isLatest, S3Entry entry) =>
        entry.Key == name && entry.IsLatest == isLatest && entry.IsDeleteMarker == version.IsDeleteMarker
        && entry.VersionId is { } id && version.MayBe(id, IsTold(bucket, name, id))
        && (version.IsDeleteMarker || (SameTag(version, entry.ETag) && entry.SizeBytes == version.Content.SizeBytes));

    /// <summary>Walks the model's keys along a page of answers and compares.</summary>
    private sealed class Page(S3Operation operation, S3Result result, bool mayEndEarly)
    {
        private int _entries;
        private int _prefixes;
        private bool _wrong;
        private bool _full;
        private string _rolledUp = "";

        internal bool IsRight => !_wrong && _entries == result.Entries.Count && _prefixes == result.CommonPrefixes.Count && (result.IsTruncated == _full || EndsEarly);

        private bool EndsEarly => mayEndEarly && result.IsTruncated && _entries + _prefixes > 0 && _entries + _prefixes == result.Entries.Count + result.CommonPrefixes.Count;

        internal S3Entry? NextEntry() => _entries < result.Entries.Count ? result.Entries[_entries++] : null;

        /// <summary>Expects one key or its common prefix; false when the page is over or wrong.</summary>
        internal bool Take(string key, Func<bool> matches)
        {
            if (!key.StartsWith(operation.Prefix, StringComparison.Ordinal) || KeyOrder.Instance.Compare(key, operation.StartAfter) <= 0)
            {
                return true;
            }

            int cut = operation.Delimiter.Length == 0 ? -1 : key.IndexOf(operation.Delimiter, operation.Prefix.Length, StringComparison.Ordinal);
            string rolledUp = cut < 0 ? "" : key[..(cut + operation.Delimiter.Length)];
            if (cut >= 0 && (rolledUp == _rolledUp || (rolledUp.Length <= operation.StartAfter.Length && operation.StartAfter.StartsWith(rolledUp, StringComparison.Ordinal))))
            {
                return true;
            }

            if (EndsEarly)
            {
                _full = true;
                return false;
            }

            if (_entries + _prefixes >= operation.EntriesMax)
            {
                // A page of zero entries is never truncated.
                _full = operation.EntriesMax > 0;
                return false;
            }

            _rolledUp = rolledUp;
            _wrong = cut < 0 ? !matches() : _prefixes >= result.CommonPrefixes.Count || result.CommonPrefixes[_prefixes++] != rolledUp;
            return !_wrong;
        }
    }
}
