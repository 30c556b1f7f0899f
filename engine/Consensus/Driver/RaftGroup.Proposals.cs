using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Consensus;

/// <content>Proposals, membership changes and transfers: who waits for what.</content>
public sealed partial class RaftGroup
{
    private readonly SortedDictionary<LogIndex, PendingProposal> _proposals = [];
    private (RaftMembership Target, TaskCompletionSource<MembershipOutcome> Task)? _change;
    private TaskCompletionSource<bool>? _transfer;
    private int _ticksNotLeading;

    /// <inheritdoc/>
    public Task<ProposalOutcome> ProposeAsync(ReadOnlyMemory<byte> command, bool freesSpace = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(command.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(command.Length, RaftHostOptions.CommandSizeBytesMax);
        Invariant.Check(_host.Loop.IsCurrent, "a group belongs to one loop");
        if (_failure is not null || IsStopped)
        {
            return Refused(ProposalStatus.NotLeader);
        }

        ProposalStatus answer = _core.MayPropose(command.Length + RaftEntry.HeaderSizeBytes);
        if (answer == ProposalStatus.Applied && _proposals.Count >= _host.Options.ProposalsMax)
        {
            answer = ProposalStatus.Overloaded;
        }

        if (answer == ProposalStatus.Applied && IsDiskFull(freesSpace))
        {
            answer = ProposalStatus.Full;
        }

        if (answer != ProposalStatus.Applied)
        {
            return Refused(answer);
        }

        LogIndex index = _core.Propose(command.Span);
        var pending = new PendingProposal(_core.Term);

        // What an earlier leadership of this replica had there is gone from this log; it may survive in another.
        EndProposal(index, ProposalStatus.Unknown);
        _proposals.Add(index, pending);
        _host.Wake(this);
        return pending.Task;
    }

    /// <inheritdoc/>
    public Task<MembershipOutcome> ChangeMembershipAsync(RaftMembership target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Invariant.Check(_host.Loop.IsCurrent, "a group belongs to one loop");
        if (_failure is not null || IsStopped)
        {
            return Task.FromResult(MembershipOutcome.NotLeader);
        }

        if (_change is not null)
        {
            return Task.FromResult(MembershipOutcome.Busy);
        }

        if (IsLeader && _core.Membership.Equals(target) && _core.MembershipIndex <= _core.Commit)
        {
            return Task.FromResult(MembershipOutcome.Done);
        }

        MembershipOutcome begun = _core.ProposeMembership(target, Now);
        if (begun != MembershipOutcome.Done)
        {
            return Task.FromResult(begun);
        }

        var task = new TaskCompletionSource<MembershipOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _change = (target, task);
        _host.Wake(this);
        return task.Task;
    }

    /// <inheritdoc/>
    public Task<bool> TransferLeadershipAsync(PeerId to)
    {
        Invariant.Check(_host.Loop.IsCurrent, "a group belongs to one loop");
        if (_failure is not null || IsStopped || !_core.TransferLeadership(to, Now))
        {
            return Task.FromResult(false);
        }

        _transfer?.TrySetResult(false);
        _transfer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Wake(this);
        return _transfer.Task;
    }

    private Task<ProposalOutcome> Refused(ProposalStatus status) =>
        Task.FromResult(new ProposalOutcome(status, default, null, status == ProposalStatus.NotLeader ? LeaderNode : null));

    /// <summary>Whether the disk has no room for such a command. A store that is merely behind has: the writer waits for it.</summary>
    private bool IsDiskFull(bool freesSpace)
    {
        try
        {
            ValueTask room = _host.Store.WaitForRoomAsync(freesSpace);
            if (!room.IsCompleted)
            {
                ForgetAsync(room);
                return false;
            }

            room.GetAwaiter().GetResult();
            return false;
        }
        catch (StorageException full)
        {
            return full.Error == StorageError.Full;
        }

        static async void ForgetAsync(ValueTask room)
        {
            try
            {
                await room;
            }
            catch (StorageException)
            {
                // Whoever writes next finds out.
            }
        }
    }

    private void CompleteProposal(LogIndex index, Term term, object? result)
    {
        if (!_proposals.Remove(index, out PendingProposal? pending))
        {
            return;
        }

        pending.SetResult(pending.Term == term
            ? new ProposalOutcome(ProposalStatus.Applied, index, result, null)
            : new ProposalOutcome(ProposalStatus.Dropped, index, null, LeaderNode));
    }

    private void EndProposal(LogIndex index, ProposalStatus status)
    {
        if (_proposals.Remove(index, out PendingProposal? pending))
        {
            pending.SetResult(new ProposalOutcome(status, index, null, LeaderNode));
        }
    }

    /// <summary>What an old leader appended is most often committed by the next one and then applied here: wait a little for that before giving up.</summary>
    private void TickProposals()
    {
        if (_core.TransferTo == PeerId.None && _core.Role == RaftRole.Leader)
        {
            _transfer?.TrySetResult(false);
            _transfer = null;
        }

        if (_core.Role == RaftRole.Leader)
        {
            _ticksNotLeading = 0;
        }
        else if (++_ticksNotLeading > _host.Options.ElectionTicks)
        {
            EndProposals();
        }
    }

    private void EndProposals()
    {
        foreach ((LogIndex index, PendingProposal pending) in _proposals)
        {
            pending.SetResult(new ProposalOutcome(ProposalStatus.Unknown, index, null, LeaderNode));
        }

        _proposals.Clear();
    }

    private void LookAtAdministration()
    {
        if (_core.Role != RaftRole.Leader)
        {
            _transfer?.TrySetResult(true);
            _transfer = null;
        }

        if (_change is not { } change)
        {
            return;
        }

        if (_core.MembershipIndex <= _core.Commit && _core.Membership.Equals(change.Target))
        {
            _change = null;
            change.Task.SetResult(MembershipOutcome.Done);
        }
        else if (_core.Role != RaftRole.Leader)
        {
            _change = null;
            change.Task.SetResult(MembershipOutcome.NotLeader);
        }
    }

    private void EndAdministration()
    {
        _transfer?.TrySetResult(true);
        _transfer = null;
        _change?.Task.SetResult(MembershipOutcome.NotLeader);
        _change = null;
    }

    private sealed class PendingProposal(Term term)
        : TaskCompletionSource<ProposalOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal Term Term => term;
    }
}
