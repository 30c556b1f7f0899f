using System.Collections.Generic;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>Goal: what watches the tables of <c>raft-*</c> speaks up about a state that differs and a snapshot that is not whole, and is silent about states that agree. Method: told by hand.</summary>
public sealed class TableStatesTests
{
    private readonly List<string> _broken = [];
    private readonly TableStates _states;

    public TableStatesTests() => _states = new TableStates((promise, _) => _broken.Add(promise));

    [Fact]
    public void Equal_states_after_equal_entries_are_no_complaint()
    {
        _states.Applied("a", new LogIndex(1), 10);
        _states.Applied("a", new LogIndex(3), 30);
        _states.Applied("b", new LogIndex(1), 10);
        _states.Sent(77);
        _states.TakenIn("b", 5, 77);

        // Entry 4 is the log's own: the table stays as it was after 3.
        _states.Switched("b", new LogIndex(4), 30);
        Assert.Empty(_broken);
    }

    [Fact]
    public void Another_state_after_an_entry_is_found()
    {
        _states.Applied("a", new LogIndex(1), 10);
        _states.Applied("b", new LogIndex(1), 11);
        Assert.Equal(["state-machine-safety"], _broken);
    }

    [Fact]
    public void A_state_that_is_named_by_another_entry_is_found()
    {
        _states.Applied("a", new LogIndex(1), 10);
        _states.Applied("a", new LogIndex(2), 20);
        _states.Switched("b", new LogIndex(2), 10);
        Assert.Equal(["state-machine-safety"], _broken);
    }

    [Fact]
    public void Bytes_that_nobody_sent_are_found()
    {
        _states.Sent(77);
        _states.TakenIn("b", 5, 78);
        Assert.Equal(["snapshot-is-whole"], _broken);
    }

    [Fact]
    public void A_group_that_gives_up_and_an_entry_that_is_not_durable_are_found()
    {
        var checker = new RaftTraceChecker { FirstCommit = static (_, index) => index == 2 ? "on one of three" : null };
        ITrace watched = checker.Watch(new SimWorld(new SeededChoices(1)).Trace, "a");
        watched.Emit(TraceLevel.Debug, "raft", "commit", ("group", 1), ("peer", 1), ("index", 1), ("term", 1), ("hash", 5));
        checker.Check();
        watched.Emit(TraceLevel.Debug, "raft", "commit", ("group", 1), ("peer", 1), ("index", 2), ("term", 1), ("hash", 6));
        Assert.Equal("committed-is-durable", Assert.Throws<PromiseBrokenException>(checker.Check).Promise);

        var other = new RaftTraceChecker();
        other.Watch(new SimWorld(new SeededChoices(1)).Trace, "a").Emit(TraceLevel.Error, "raft", "group-failed", ("group", 1), ("reason", "entry 3 is missing"));
        Assert.Equal("keeps-working", Assert.Throws<PromiseBrokenException>(other.Check).Promise);
    }
}
