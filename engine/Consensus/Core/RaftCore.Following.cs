using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <content>What a follower does with its leader's entries and snapshots.</content>
internal sealed partial class RaftCore
{
    private void HandleAppend(RaftMessage append)
    {
        if (append.Index < Commit)
        {
            // Old, or repeated: what is committed here is the same as the leader's.
            AnswerAppend(append, Commit);
            return;
        }

        if (!Log.Matches(append.Index, append.LogTerm))
        {
            (LogIndex hint, Term hintTerm) = Log.FindAtMost(append.Index, append.LogTerm);
            SendLater(new RaftMessage
            {
                Kind = MessageKind.AppendResponse,
                From = Self,
                To = append.From,
                Term = Term,
                Index = append.Index,
                Reject = true,
                Hint = hint,
                LogTerm = hintTerm,
                Round = append.Round,
            });
            return;
        }

        LogIndex last = append.Index;
        for (int i = 0; i < append.Entries.Count; i++)
        {
            RaftEntry entry = append.Entries[i];
            last = entry.Index;
            if (Log.Matches(entry.Index, entry.Term))
            {
                continue;
            }

            if (entry.Index <= Log.Last)
            {
                Invariant.Check(entry.Index > Commit, "a leader never replaces what is committed");
                Log.TruncateAfter(entry.Index.Previous);
                ForgetPersistedAfter(entry.Index.Previous);
                DropMembershipsAfter(entry.Index.Previous);
            }

            Log.Append(entry);
            if (entry.Kind == EntryKind.Configuration)
            {
                AdoptMembership(entry.Index, entry.ReadMembership());
            }
        }

        CommitTo(LogIndex.Min(append.Commit, last));
        AnswerAppend(append, last);
    }

    private void AnswerAppend(RaftMessage append, LogIndex match) => SendLater(new RaftMessage
    {
        Kind = MessageKind.AppendResponse,
        From = Self,
        To = append.From,
        Term = Term,
        Index = match,
        Round = append.Round,
    });

    private void HandleSnapshotChunk(RaftMessage chunk)
    {
        if (chunk.Index <= Commit || Log.Matches(chunk.Index, chunk.LogTerm))
        {
            // Nothing to fetch: what the snapshot holds is in the log.
            CommitTo(chunk.Index);
            AnswerAppend(chunk, Commit);
            return;
        }

        _snapshotTraffic.Add(chunk);
    }

    /// <summary>All chunks are there: replaces log and membership by the snapshot's. The caller writes that in the batch which switches the machine.</summary>
    /// <returns>False when it is not needed any more; then nothing has changed.</returns>
    internal bool Restore(LogIndex index, Term term, RaftMembership membership)
    {
        if (index <= Commit || Log.Matches(index, term) || Role == RaftRole.Leader)
        {
            return false;
        }

        Log.Reset(index, term);
        ForgetPersistedAfter(default);
        _isTruncated = false;
        (_handed, PersistedLast, Commit) = (index, index, index);
        ReplaceMemberships(index, membership);
        if (Leader.IsSome)
        {
            SendLater(new RaftMessage { Kind = MessageKind.AppendResponse, From = Self, To = Leader, Term = Term, Index = index });
        }

        return true;
    }

    /// <summary>A message of whoever moves snapshots, to go when everything so far is durable.</summary>
    internal void SendAfterPersist(RaftMessage message) => SendLater(message);

    /// <summary>The hard state that belongs into the batch of a restored snapshot.</summary>
    internal RaftHardState HardState => new(Term, Vote, Commit);
}
