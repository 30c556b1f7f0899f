using System.Collections.Generic;
using ObjectStore.Engine.Consensus;

namespace ObjectStore.Sim.Consensus;

/// <summary>What of a core and its machine survives a crash.</summary>
internal sealed class SavedDisk(RaftMembership membership)
{
    internal RaftHardState State { get; set; }

    internal LogIndex Start { get; private set; }

    internal Term StartTerm { get; private set; }

    internal RaftMembership StartMembership { get; private set; } = membership;

    internal List<RaftEntry> Entries { get; } = [];

    internal List<string> MachineAtStart { get; private set; } = [];

    internal LogIndex Last => new(Start.Value + (ulong)Entries.Count);

    internal Term LastTerm => Entries.Count == 0 ? StartTerm : Entries[^1].Term;

    /// <summary>Null when the entry is not there.</summary>
    internal Term? TermAt(LogIndex index) =>
        index == Start ? StartTerm : index > Start && index <= Last ? Entries[(int)(index.Value - Start.Value) - 1].Term : null;

    /// <summary>The membership that counts for whoever starts from this disk: the last in the log, committed or not.</summary>
    internal RaftMembership Membership()
    {
        for (int at = Entries.Count - 1; at >= 0; at--)
        {
            if (Entries[at].Kind == EntryKind.Configuration)
            {
                return Entries[at].ReadMembership();
            }
        }

        return StartMembership;
    }

    /// <summary>True when whoever starts from this disk may vote for who starts from the other one.</summary>
    internal bool IsNotBeyond(SavedDisk other) => LastTerm < other.LastTerm || (LastTerm == other.LastTerm && Last <= other.Last);

    internal void Take(RaftReady ready, bool forgetsVote)
    {
        State = forgetsVote ? ready.State with { Vote = default } : ready.State;
        if (ready.Entries.Count > 0)
        {
            int keep = (int)(ready.Entries[0].Index.Value - Start.Value) - 1;
            Entries.RemoveRange(keep, Entries.Count - keep);
            Entries.AddRange(ready.Entries);
        }
        else
        {
            Entries.RemoveAll(entry => entry.Index > ready.LogEnd);
        }
    }

    internal void Cut(LogIndex start, Term term, RaftMembership at, IEnumerable<string> machine)
    {
        Entries.RemoveAll(entry => entry.Index <= start);
        (Start, StartTerm, StartMembership) = (start, term, at);
        MachineAtStart = [.. machine];
    }

    /// <summary>Puts a log there as some history may have left it, with a no-op for each term given.</summary>
    internal void Prepare(IEnumerable<ulong> terms, Term term)
    {
        foreach (ulong each in terms)
        {
            Entries.Add(RaftEntry.Create(new LogIndex((ulong)Entries.Count + 1), new Term(each), EntryKind.NoOp, []));
        }

        State = new RaftHardState(term, default, default);
    }
}
