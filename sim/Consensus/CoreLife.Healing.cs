using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Consensus;

/// <content>The end of a life: a group that nothing troubles goes on.</content>
internal sealed partial class CoreLife
{
    private const int RoundsMax = 600;

    /// <summary>Everybody up, nothing lost any more: the group elects, commits something new, and all members come to the same state.</summary>
    private async Task HealAsync()
    {
        _world.Fault("all-over", "everywhere");
        Each(node =>
        {
            node.IsPaused = false;
            node.PersistsAtOnce = true;
            if (!node.IsUp)
            {
                node.Boot();
            }

            node.PersistNext();
        });
        _mood = null!;
        string last = "";
        for (int round = 0; round < RoundsMax; round++)
        {
            await _world.Clock.DelayAsync(StepTime);
            Each(static node => node.Tick());
            for (int i = 0; i < 2000 && _cluster.Wire.Count > 0; i++)
            {
                TakeAndGive(0);
            }

            Watch();
            if (last.Length == 0)
            {
                CoreNode? leader = Leading();
                last = leader is { Core.Membership.IsJoint: false } && CoreCluster.Propose(leader, "last") ? "last" : "";
            }
            else if (round % 5 == 0 && HasConverged())
            {
                _cluster.Promises.CheckLogMatching();
                return;
            }
        }

        throw new PromiseBrokenException("converges", "the group did not go on after everything had healed\n" + string.Join('\n', _cluster.Nodes.Select(Describe)));
    }

    /// <summary>The leader of the newest term that knows what is committed.</summary>
    private CoreNode? Leading() => _cluster.Nodes.Where(static node => node.Core.HasCommittedInTerm).MaxBy(static node => node.Core.Term);

    private bool HasConverged()
    {
        CoreNode? leader = Leading();
        if (leader is null || leader.State.Count == 0 || leader.State[^1] != "last")
        {
            // A leader that was replaced may have lost it before it was committed.
            if (leader is not null && leader.Core.Commit == leader.Core.Log.Last)
            {
                CoreCluster.Propose(leader, "last");
            }

            return false;
        }

        return leader.Core.Membership.All().All(member => _cluster[member.Peer].Applied == leader.Applied);
    }

    private static string Describe(CoreNode node) =>
        $"{node.Peer}: {node.Core.Role} term {node.Core.Term} vote {node.Core.Vote} leader {node.Core.Leader} log {node.Core.Log.Start}..{node.Core.Log.Last}.{node.Core.Log.LastTerm}"
        + $" durable {node.Core.PersistedLast} commit {node.Core.Commit} applied {node.Applied} members {node.Core.Membership} at {node.Core.MembershipIndex} transfer {node.Core.TransferTo}";
}
