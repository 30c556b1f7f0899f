using System.Collections.Generic;

namespace ObjectStore.Sim.Checking;

/// <summary>The order in which versions of each key were made, as far as version listings showed it: a listing gives the newest first.</summary>
internal sealed class VersionAges
{
    private readonly Dictionary<(string Bucket, string Key), List<string>> _oldestFirst = [];

    /// <summary>Reads every version listing of a history.</summary>
    internal static VersionAges Of(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries)
    {
        var ages = new VersionAges();
        foreach (HistoryEntry<S3Operation, S3Result> entry in entries)
        {
            if (entry.Operation.Verb == S3Verb.ListVersions && entry.Result is { Ok: true } result)
            {
                ages.Merge(entry.Operation.Bucket, result.Entries);
            }
        }

        return ages;
    }

    /// <summary>Lower is older; null when no listing showed the version.</summary>
    internal int? Age(string bucket, string key, string? id) =>
        id is not null && _oldestFirst.TryGetValue((bucket, key), out List<string>? known) && known.IndexOf(id) is var place and >= 0 ? place : null;

    private void Merge(string bucket, IReadOnlyList<S3Entry> listed)
    {
        for (int index = listed.Count - 1; index >= 0; index--)
        {
            if (listed[index].VersionId is not { } id || id == S3Version.NullId)
            {
                continue;
            }

            string key = listed[index].Key;
            if (!_oldestFirst.TryGetValue((bucket, key), out List<string>? known))
            {
                _oldestFirst[(bucket, key)] = known = [];
            }

            if (!known.Contains(id))
            {
                string? older = index + 1 < listed.Count && listed[index + 1].Key == key ? listed[index + 1].VersionId : null;
                known.Insert(older is null ? 0 : known.IndexOf(older) + 1, id);
            }
        }
    }
}
