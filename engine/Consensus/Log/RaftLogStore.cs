using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Consensus;

/// <summary>The logs of all groups of a node as rows of its ordered store, so that they share one log device and its group commit.</summary>
/// <remarks>
/// Rows of a group (keys: <see cref="RaftLogKeys"/>): <c>state</c> = version 1, term, vote (8), commit, end of the log; <c>start</c> = version 1, index, term,
/// membership there; one row an entry. What lies behind the end in <c>state</c>, or before the start, does not count: truncation is the next batch's state row,
/// and such rows are overwritten before the end passes them again. Durable: when the batch's ticket ends.
/// </remarks>
internal sealed class RaftLogStore(IOrderedStore store, ReadOnlyMemory<byte> prefix)
{
    /// <summary>Entries that one batch removes.</summary>
    internal const int DeletesMax = 1024;

    private const byte FormatVersion = 1;

    private readonly RaftLogKeys _keys = new(prefix);

    /// <summary>Adds a core's batch to a batch of the store.</summary>
    internal void Add(WriteBatch batch, GroupId group, RaftReady ready)
    {
        for (int i = 0; i < ready.Entries.Count; i++)
        {
            batch.Put(_keys.OfEntry(group, ready.Entries[i].Index), ready.Entries[i].Encoded);
        }

        AddState(batch, group, ready.State, ready.LogEnd);
    }

    internal void AddState(WriteBatch batch, GroupId group, RaftHardState state, LogIndex end)
    {
        var row = new ByteWriter(48);
        row.Byte(FormatVersion);
        row.VarUInt(state.Term.Value);
        row.UInt64(state.Vote.Value);
        row.VarUInt(state.Commit.Value);
        row.VarUInt(end.Value);
        batch.Put(_keys.Of(group, RaftLogKeys.State), row.ToArray());
    }

    internal void AddStart(WriteBatch batch, GroupId group, LogIndex index, Term term, RaftMembership membership)
    {
        var row = new ByteWriter();
        row.Byte(FormatVersion);
        row.VarUInt(index.Value);
        row.VarUInt(term.Value);
        membership.Write(row);
        batch.Put(_keys.Of(group, RaftLogKeys.Start), row.ToArray());
    }

    internal void AddDeletes(WriteBatch batch, GroupId group, LogIndex first, LogIndex last)
    {
        for (LogIndex index = first; index <= last; index = index.Next)
        {
            batch.Delete(_keys.OfEntry(group, index));
        }
    }

    /// <summary>The groups that were created here and not removed, in order.</summary>
    internal async ValueTask<IReadOnlyList<GroupId>> ListAsync()
    {
        var groups = new List<GroupId>();
        using IReadView view = store.ReadLatest();
        using IScan scan = view.Scan(_keys.First, default);
        while (await scan.NextAsync() && _keys.Owns(scan.Key.Span))
        {
            GroupId group = _keys.GroupOf(scan.Key.Span);
            if (scan.Key.Span[_keys.GroupOffset + 8] == RaftLogKeys.State)
            {
                groups.Add(group);
            }

            scan.SkipTo(_keys.Of(new GroupId(group.Value + 1), RaftLogKeys.State));
        }

        return groups;
    }

    /// <summary>Reads a group's log.</summary>
    /// <param name="group">Which.</param>
    /// <param name="options">How much of it is kept in memory and at all.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="StorageException">A row is missing or damaged, or of a newer version.</exception>
    internal async ValueTask<LoadedLog?> LoadAsync(GroupId group, RaftHostOptions options)
    {
        using IReadView view = store.ReadLatest();
        if (await view.GetAsync(_keys.Of(group, RaftLogKeys.State)) is not { } stateRow
            || await view.GetAsync(_keys.Of(group, RaftLogKeys.Start)) is not { } startRow)
        {
            return null;
        }

        (RaftHardState state, LogIndex end) = Decode(group, stateRow, DecodeState);
        (LogIndex start, Term startTerm, RaftMembership membership) = Decode(group, startRow, DecodeStart);
        var log = new RaftLog(start, startTerm);
        var sizes = new LogSizes(options.LogKeptBytes, options.LogKeptEntries);
        var memberships = new List<(LogIndex, RaftMembership)> { (start, membership) };
        LogIndex oldestRow = start.Next;
        LogIndex rowsEnd = start;
        using IScan scan = view.Scan(_keys.OfEntry(group, default), _keys.Of(group, RaftLogKeys.Removed));
        while (await scan.NextAsync())
        {
            LogIndex index = _keys.IndexOf(scan.Key.Span);
            rowsEnd = LogIndex.Max(rowsEnd, index);
            oldestRow = LogIndex.Min(oldestRow, index);
            if (index <= start || index > end || index != log.Last.Next)
            {
                continue;
            }

            RaftEntry entry = Decode(group, scan.Value.ToArray(), row => RaftEntry.Decode(index, row));
            log.Append(entry);
            log.Evict(options.LogCacheBytes, index);
            sizes.Add(index, entry.SizeBytes);
            if (entry.Kind == EntryKind.Configuration)
            {
                memberships.Add((index, entry.ReadMembership()));
            }
        }

        if (log.Last != LogIndex.Max(end, start))
        {
            throw Corrupt(group, $"the entry after {log.Last} is missing; the log ends at {end}");
        }

        return new LoadedLog(new RaftSavedState(state, log, memberships), sizes, oldestRow, rowsEnd);
    }

    /// <summary>Entries from <paramref name="first"/> to <paramref name="last"/>, at least one, together not above <paramref name="bytesMax"/> otherwise; fewer or none
    /// when they were compacted meanwhile.</summary>
    internal async ValueTask<IReadOnlyList<RaftEntry>> ReadAsync(GroupId group, LogIndex first, LogIndex last, long bytesMax)
    {
        var entries = new List<RaftEntry>();
        long bytes = 0;
        using IReadView view = store.ReadLatest();
        using IScan scan = view.Scan(_keys.OfEntry(group, first), _keys.OfEntry(group, last.Next));
        while (await scan.NextAsync())
        {
            LogIndex index = _keys.IndexOf(scan.Key.Span);
            bytes += scan.Value.Length;
            if (index.Value != first.Value + (ulong)entries.Count || (entries.Count > 0 && bytes > bytesMax))
            {
                break;
            }

            entries.Add(Decode(group, scan.Value.ToArray(), row => RaftEntry.Decode(index, row)));
        }

        return entries;
    }

    /// <summary>Term and vote of a replica that was removed here; default when there was none.</summary>
    internal async ValueTask<RaftHardState> ReadRemovedAsync(GroupId group)
    {
        using IReadView view = store.ReadLatest();
        return await view.GetAsync(_keys.Of(group, RaftLogKeys.Removed)) is { } row ? Decode(group, row, DecodeState).State : default;
    }

    /// <summary>Removes a group's log. Its term and vote stay: the same peer may be taken in again and must not vote twice in a term.</summary>
    internal async ValueTask RemoveAsync(GroupId group, RaftHardState state)
    {
        var batch = new WriteBatch();
        var row = new WriteBatch();
        AddState(row, group, state with { Commit = default }, default);
        batch.Put(_keys.Of(group, RaftLogKeys.Removed), row.Operations[0].Value);
        batch.Delete(_keys.Of(group, RaftLogKeys.State));
        batch.Delete(_keys.Of(group, RaftLogKeys.Start));
        await store.WaitForRoomAsync(freesSpace: true);
        Task durable = store.Apply(batch).Durable;
        bool isMore = true;
        while (isMore)
        {
            var deletes = new WriteBatch();
            using (IReadView view = store.ReadLatest())
            using (IScan scan = view.Scan(_keys.OfEntry(group, default), _keys.Of(group, RaftLogKeys.Removed)))
            {
                while (deletes.Operations.Count < DeletesMax && await scan.NextAsync())
                {
                    deletes.Delete(scan.Key.ToArray());
                }
            }

            isMore = deletes.Operations.Count == DeletesMax;
            if (deletes.Operations.Count > 0)
            {
                await store.WaitForRoomAsync(freesSpace: true);
                durable = store.Apply(deletes).Durable;
            }
        }

        await durable;
    }

    private static (RaftHardState State, LogIndex End) DecodeState(ReadOnlyMemory<byte> row)
    {
        var reader = new ByteReader(row.Span);
        CheckVersion(reader.Byte());
        var state = new RaftHardState(new Term(reader.VarUInt()), new PeerId(reader.UInt64()), new LogIndex(reader.VarUInt()));
        var end = new LogIndex(reader.VarUInt());
        reader.End();
        return (state, end);
    }

    private static (LogIndex Start, Term Term, RaftMembership Membership) DecodeStart(ReadOnlyMemory<byte> row)
    {
        var reader = new ByteReader(row.Span);
        CheckVersion(reader.Byte());
        var index = new LogIndex(reader.VarUInt());
        var term = new Term(reader.VarUInt());
        RaftMembership membership = RaftMembership.Read(ref reader);
        reader.End();
        return (index, term, membership);
    }

    private static void CheckVersion(byte version)
    {
        if (version != FormatVersion)
        {
            throw new MalformedDataException($"row of version {version}");
        }
    }

    private static T Decode<T>(GroupId group, ReadOnlyMemory<byte> row, Func<ReadOnlyMemory<byte>, T> decode)
    {
        try
        {
            return decode(row);
        }
        catch (MalformedDataException wrong)
        {
            throw Corrupt(group, wrong.Message);
        }
    }

    private static StorageException Corrupt(GroupId group, string what) => new(StorageError.Corrupt, $"raft log of group {group}", -1, what);
}

/// <summary>A log as it was found.</summary>
/// <param name="Saved">For the core.</param>
/// <param name="Sizes">How large it is.</param>
/// <param name="OldestRow">Entries from here on have rows; below the start when an earlier compaction was cut short.</param>
/// <param name="RowsEnd">The last row; behind the log's end when it was truncated.</param>
internal sealed record LoadedLog(RaftSavedState Saved, LogSizes Sizes, LogIndex OldestRow, LogIndex RowsEnd);
