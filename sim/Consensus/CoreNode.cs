using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.Consensus;

/// <summary>A core with a disk that may lose what was not synced, and a machine whose state is the list of everything applied.</summary>
internal sealed class CoreNode
{
    private readonly CoreCluster _cluster;
    private readonly List<PendingWrite> _pending = [];
    private int _snapshotTicks;

    internal CoreNode(CoreCluster cluster, PeerId peer, RaftMembership membership)
    {
        (_cluster, Peer) = (cluster, peer);
        Disk = new SavedDisk(membership);
        Boot();
    }

    internal PeerId Peer { get; }

    internal SavedDisk Disk { get; private set; }

    internal RaftCore Core { get; private set; } = null!;

    internal TimeSpan Now { get; set; }

    internal bool IsUp { get; private set; }

    /// <summary>Ticks that its core was told of, in all lives.</summary>
    internal int TickCount { get; private set; }

    /// <summary>How fast its clock runs.</summary>
    internal double Rate { get; set; } = 1;

    /// <summary>Its process does not run; its clock does.</summary>
    internal bool IsPaused { get; set; }

    /// <summary>When false, writes wait for <see cref="PersistNext"/>.</summary>
    internal bool PersistsAtOnce { get; set; } = true;

    /// <summary>A planted bug: the vote is not part of what is written.</summary>
    internal bool ForgetsVote { get; init; }

    /// <summary>A planted bug: snapshots lack the last entry's effect.</summary>
    internal bool CutsSnapshots { get; init; }

    /// <summary>All entries of its log above the disk's start, durable or not: what the cores' batches say.</summary>
    internal List<RaftEntry> Mirror { get; } = [];

    internal LogIndex MirrorStart { get; private set; }

    /// <summary>The machine: text of each applied command in order.</summary>
    internal List<string> State { get; private set; } = [];

    internal LogIndex Applied { get; private set; }

    internal int PendingCount => _pending.Count;

    internal SortedDictionary<ulong, ReadPoint> Reads { get; } = [];

    internal void Tick(int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Now += _cluster.Options.TickInterval * Rate;
            if (!IsUp || IsPaused)
            {
                continue;
            }

            TickCount++;
            Core.Tick(Now);
            if (++_snapshotTicks % 20 == 0)
            {
                foreach (PeerId peer in _cluster.Peers)
                {
                    Core.SnapshotEnded(peer);
                }
            }

            Pump();
        }
    }

    internal void Step(RaftMessage message)
    {
        if (IsUp)
        {
            _cluster.Promises.NoteHeard(this, message);
            Core.Step(message, Now);
            Pump();
        }
    }

    internal void Pump()
    {
        while (IsUp && Core.TakeReady() is { } ready)
        {
            _cluster.Send(ready.Messages);
            if (ready.MustPersist)
            {
                if (ready.Entries.Count > 0)
                {
                    Replace(Mirror, MirrorStart, ready.Entries);
                }

                Write(disk => disk.Take(ready, ForgetsVote), ready.Number, [.. ready.MessagesAfterPersist]);
            }
            else if (_pending.Count > 0)
            {
                _pending[^1].After.AddRange(ready.MessagesAfterPersist);
            }
            else
            {
                _cluster.Send(ready.MessagesAfterPersist);
            }

            foreach (ReadPoint read in ready.Reads)
            {
                Reads[read.Context] = read;
            }

            foreach (LoadRequest load in ready.Loads)
            {
                Core.EntriesLoaded(load.Peer, load.First, Mirror.Where(entry => entry.Index >= load.First).Take(8).ToList());
            }

            foreach (PeerId peer in ready.SnapshotsWanted)
            {
                SendSnapshot(peer);
            }

            foreach (RaftMessage chunk in ready.SnapshotTraffic)
            {
                TakeSnapshot(chunk);
            }

            Apply();
        }

        Apply();
        _cluster.Promises.Look(this);
        while (PersistsAtOnce && IsUp && _pending.Count > 0)
        {
            PersistNext();
        }
    }

    internal void PersistNext()
    {
        if (!IsUp || _pending.Count == 0)
        {
            return;
        }

        PendingWrite write = _pending[0];
        _pending.RemoveAt(0);
        write.Change(Disk);
        _cluster.Send(write.After);
        if (write.Number > 0)
        {
            Core.Persisted(write.Number);
        }

        Pump();
    }

    /// <summary>Loses everything in memory, and of the writes that were not synced all but the first few.</summary>
    internal void Crash(int survivors = 0)
    {
        for (int i = 0; i < survivors && i < _pending.Count; i++)
        {
            _pending[i].Change(Disk);
        }

        _pending.Clear();
        IsUp = false;
    }

    internal void Boot()
    {
        RaftLog log = new(Disk.Start, Disk.StartTerm);
        var memberships = new List<(LogIndex, RaftMembership)> { (Disk.Start, Disk.StartMembership) };
        Mirror.Clear();
        MirrorStart = Disk.Start;
        foreach (RaftEntry entry in Disk.Entries)
        {
            log.Append(entry);
            Mirror.Add(entry);
            if (entry.Kind == EntryKind.Configuration)
            {
                memberships.Add((entry.Index, entry.ReadMembership()));
            }
        }

        Core = new RaftCore(Peer, _cluster.Options, new RaftSavedState(Disk.State, log, memberships), bound => _cluster.Random(Peer, bound), Now);
        State = [.. Disk.MachineAtStart];
        Applied = Disk.Start;
        IsUp = true;
        Reads.Clear();
        _cluster.Promises.NoteBoot(this);
        Pump();
    }

    /// <summary>Cuts the log behind what is applied.</summary>
    internal void Compact(LogIndex to)
    {
        LogIndex start = LogIndex.Min(LogIndex.Min(to, Applied), Core.PersistedLast);
        if (!IsUp || start <= Core.Log.Start || _pending.Count > 0)
        {
            return;
        }

        Term term = Core.Log.TermAt(start)!.Value;
        RaftMembership membership = Core.MembershipAt(start);
        int commands = Mirror.Count(entry => entry.Index > start && entry.Index <= Applied && entry.Kind == EntryKind.Normal);
        Disk.Cut(start, term, membership, State.Take(State.Count - commands));
        Core.Compact(start);
        Mirror.RemoveAll(entry => entry.Index <= start);
        MirrorStart = start;
    }

    private static void Replace(List<RaftEntry> entries, LogIndex start, IReadOnlyList<RaftEntry> added)
    {
        int keep = (int)(added[0].Index.Value - start.Value) - 1;
        Invariant.Check(keep >= 0 && keep <= entries.Count, "a log without gaps");
        entries.RemoveRange(keep, entries.Count - keep);
        entries.AddRange(added);
    }

    private void Write(Action<SavedDisk> change, ulong number, List<RaftMessage> after) => _pending.Add(new PendingWrite(number, change, after));

    private void Apply()
    {
        while (IsUp && Applied < Core.Commit && Applied.Value < MirrorStart.Value + (ulong)Mirror.Count)
        {
            RaftEntry entry = Mirror[(int)(Applied.Value - MirrorStart.Value)];
            Applied = entry.Index;
            if (entry.Kind == EntryKind.Normal)
            {
                State.Add(CoreCluster.TextOf(entry));
            }

            _cluster.Promises.NoteApplied(this, entry);
        }
    }

    private void SendSnapshot(PeerId to)
    {
        string state = string.Join('\n', CutsSnapshots ? State.SkipLast(1) : State);
        _cluster.Send(
        [
            new RaftMessage
            {
                Kind = MessageKind.SnapshotChunk,
                From = Peer,
                To = to,
                Term = Core.Term,
                Index = Applied,
                LogTerm = Core.Log.TermAt(Applied)!.Value,
                Membership = Core.MembershipAt(Applied),
                Context = 1,
                IsLast = true,
                Data = System.Text.Encoding.UTF8.GetBytes(state),
            },
        ]);
    }

    private void TakeSnapshot(RaftMessage chunk)
    {
        if (chunk.Kind != MessageKind.SnapshotChunk || !Core.Restore(chunk.Index, chunk.LogTerm, chunk.Membership))
        {
            return;
        }

        string text = System.Text.Encoding.UTF8.GetString(chunk.Data.Span);
        State = text.Length == 0 ? [] : [.. text.Split('\n')];
        Applied = chunk.Index;
        Mirror.Clear();
        MirrorStart = chunk.Index;
        List<string> state = [.. State];
        RaftHardState hard = Core.HardState;
        Write(
            disk =>
            {
                disk.Cut(chunk.Index, chunk.LogTerm, chunk.Membership, state);
                disk.Entries.Clear();
                disk.State = hard;
            },
            0,
            []);
        _cluster.Promises.NoteRestored(this);
    }

    private sealed record PendingWrite(ulong Number, Action<SavedDisk> Change, List<RaftMessage> After);
}
