using System.Collections.Generic;

namespace ObjectStore.Sim.Consensus;

/// <summary>What may happen in a <see cref="CoreLife"/>, and the bugs that proofs plant in it.</summary>
internal sealed record CoreLifeOptions
{
    /// <summary>Phases of a life at least; up to twice as many are drawn.</summary>
    internal int Phases { get; init; } = 8;

    /// <summary>Paces that phases are drawn from; one that is named twice comes twice as often.</summary>
    internal IReadOnlyList<CorePace> Paces { get; init; } = [CorePace.Balanced, CorePace.Elections, CorePace.Restarts, CorePace.Writes, CorePace.Reads, CorePace.Members, CorePace.SlowDisks];

    /// <summary>Stories that half of the phases are drawn from.</summary>
    internal IReadOnlyList<CoreStory> Stories { get; init; } = [CoreStory.LeaderAlone, CoreStory.LateAnswers, CoreStory.StandsStill, CoreStory.ForgetfulVoter];

    internal bool ChangesMembership { get; init; } = true;

    internal bool Crashes { get; init; } = true;

    /// <summary>Whether leaders may answer reads from a lease; drawn for each life.</summary>
    internal bool LeaseReads { get; init; } = true;

    /// <summary>Planted: a sent append counts as acknowledged.</summary>
    internal bool CommitsWithoutQuorum { get; init; }

    /// <summary>Planted: snapshots lack the last entry.</summary>
    internal bool CutsSnapshots { get; init; }

    /// <summary>Planted: a vote is not part of what is written.</summary>
    internal bool ForgetsVotes { get; init; }

    /// <summary>Planted: clocks run apart by far more than leases allow for.</summary>
    internal bool ClocksRunApart { get; init; }
}

/// <summary>What happens often in a phase of a <see cref="CoreLife"/>.</summary>
internal enum CorePace
{
    /// <summary>Everything now and then.</summary>
    Balanced,

    /// <summary>Time goes by faster than messages do, and almost nothing is written: terms come and go.</summary>
    Elections,

    /// <summary>Peers start again within moments.</summary>
    Restarts,

    /// <summary>Commands, and messages that carry them.</summary>
    Writes,

    /// <summary>Nothing is written, peers stand still and start again, leadership is handed on, and everybody is asked what is committed.</summary>
    Reads,

    /// <summary>Members come and go.</summary>
    Members,

    /// <summary>What is written becomes durable late.</summary>
    SlowDisks,
}

/// <summary>What a phase of a <see cref="CoreLife"/> is about, where several things have to come together.</summary>
internal enum CoreStory
{
    /// <summary>Nothing in particular.</summary>
    None,

    /// <summary>The leader is cut off right after it appended, and the others go on: tails of several terms come of it.</summary>
    LeaderAlone,

    /// <summary>Nobody hears the leader any more, and it hears old answers late.</summary>
    LateAnswers,

    /// <summary>The leader stands still, and the first thing that it does afterwards is to read.</summary>
    StandsStill,

    /// <summary>The leader does not reach one peer, and others start again right before that one asks them for their vote.</summary>
    ForgetfulVoter,
}
