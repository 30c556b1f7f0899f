using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus.Driver;

/// <summary>
/// Goal: nodes with several groups live through crashes (with what was not synced lost or torn), loss, repetition, overtaking and partitions: nothing acknowledged is
/// lost, no read is stale, the trace shows Raft's safety, and all replicas come together afterwards. Method: random lives over the simulated world, by seed.
/// </summary>
public sealed class RaftRegionTests
{
    private const int Groups = 3;

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    [InlineData(5UL)]
    [InlineData(6UL)]
    [InlineData(7UL)]
    [InlineData(8UL)]
    public void A_region_keeps_its_promises(ulong seed)
    {
        RaftRig rig = Live(seed, out int acknowledged, out int reads);

        // Enough for the checkers to have something to judge. Seeds whose troubles keep most nodes away do little: of forty the least was 67 acknowledged, 35 reads, 270 commits.
        Assert.True(acknowledged > 40, $"seed {seed}: only {acknowledged} acknowledged");
        Assert.True(reads > 20, $"seed {seed}: only {reads} reads");
        Assert.True(rig.Checker.Counts["commit"] > 150, $"seed {seed}: little was committed");
    }

    [Fact]
    public void The_same_seed_gives_the_same_run() => Assert.Equal(Live(77, out _, out _).World.Hash, Live(77, out _, out _).World.Hash);

    private static RaftRig Live(ulong seed, out int acknowledged, out int reads)
    {
        var rig = new RaftRig(seed, 3 + (int)(seed % 2 * 2), rarePerMillion: 200_000);
        var clients = new List<Client>();
        rig.World.Run(async () =>
        {
            await rig.StartAsync(Groups);
            rig.World.Network.Default = new LinkOptions { LossPerMillion = 20_000, RepeatPerMillion = 20_000 };
            for (int number = 0; number < 4; number++)
            {
                clients.Add(new Client(rig, number, (ulong)(number % Groups) + 1));
            }

            Task[] work = [.. clients.Select(static client => client.RunAsync(100))];
            await TroubleAsync(rig);
            rig.World.Network.Heal();
            rig.World.Network.Default = new LinkOptions();
            foreach (RaftNode node in rig.Nodes.Where(static node => !node.Sim.IsUp))
            {
                await node.StartAsync();
            }

            IEnumerable<Task> all = work;
            await Task.WhenAll(all);
            for (ulong group = 1; group <= Groups; group++)
            {
                await rig.ProposeAsync("end=1", group);
                SortedDictionary<string, string> table = await rig.ConvergeAsync(group, [.. rig.Nodes]);
                foreach (Client client in clients.Where(client => client.Group == group))
                {
                    client.CheckEnd(table);
                }
            }
        });
        acknowledged = clients.Sum(static client => client.AcknowledgedCount);
        reads = clients.Sum(static client => client.ReadCount);
        return rig;
    }

    private static async Task TroubleAsync(RaftRig rig)
    {
        for (int i = 0; i < 12; i++)
        {
            await rig.DelayAsync(50 + rig.Choices.Next(300, "trouble.pause"));
            RaftNode node = rig.Nodes[rig.Choices.Next(rig.Nodes.Count, "trouble.node")];
            switch (rig.Choices.Next(4, "trouble"))
            {
                case 0 or 1 when node.Sim.IsUp:
                    node.Crash();
                    break;
                case 2 when rig.Nodes.Count > 1:
                    string[] others = [.. rig.Nodes.Where(each => each != node).Select(static each => each.Sim.Name)];
                    rig.World.Network.Partition([node.Sim.Name], others, oneWay: rig.Choices.Next(2, "trouble.way") == 0);
                    break;
                default:
                    rig.World.Network.Heal();
                    break;
            }

            if (rig.Choices.Next(2, "trouble.restart") == 0)
            {
                foreach (RaftNode down in rig.Nodes.Where(static each => !each.Sim.IsUp))
                {
                    await down.StartAsync();
                }
            }
        }
    }

    /// <summary>One writer of one key, which counts up; and a reader of it on any node, which must never see less than was acknowledged before the read.</summary>
    private sealed class Client(RaftRig rig, int number, ulong group)
    {
        private readonly string _key = $"client{number}";
        private int _acknowledged;
        private int _tried;

        internal ulong Group => group;

        internal int AcknowledgedCount { get; private set; }

        internal int ReadCount { get; private set; }

        internal async Task RunAsync(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                RaftNode node = rig.Nodes[rig.Choices.Next(rig.Nodes.Count, "client.node")];
                try
                {
                    if (rig.Choices.Next(3, "client.what") > 0)
                    {
                        await WriteAsync(node);
                    }
                    else
                    {
                        await ReadAsync(node);
                    }
                }
                catch (SimNodeCrashedException)
                {
                    // Whatever was asked is unknown.
                }

                await rig.DelayAsync(rig.Choices.Next(30, "client.rest"));
            }
        }

        internal void CheckEnd(SortedDictionary<string, string> table)
        {
            int value = table.TryGetValue(_key, out string? text) ? Number(text) : 0;
            Assert.InRange(value, _acknowledged, _tried);
        }

        private static int Number(string text) => int.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)));

        private async Task WriteAsync(RaftNode node)
        {
            if (node.Host?.Find(new GroupId(group)) is null)
            {
                return;
            }

            // A try whose fate is unknown may come later than a newer one: then the newer one's acknowledgement stands for both.
            int value = ++_tried;
            ProposalOutcome outcome = await node.ProposeAsync(group, $"{_key}={value} {new string('x', rig.Choices.Next(200, "client.size"))}");
            if (outcome.Status == ProposalStatus.Applied)
            {
                AcknowledgedCount++;
                _acknowledged = Math.Max(_acknowledged, value);
            }
            else if (outcome.Status == ProposalStatus.NotLeader && outcome.Leader is { } leader)
            {
                RaftNode hinted = rig.Nodes.First(each => each.Sim.Name == leader.Value);
                if (hinted.Host?.Find(new GroupId(group)) is not null)
                {
                    outcome = await hinted.ProposeAsync(group, $"{_key}={value} again");
                    AcknowledgedCount += outcome.Status == ProposalStatus.Applied ? 1 : 0;
                    _acknowledged = outcome.Status == ProposalStatus.Applied ? value : _acknowledged;
                }
            }

            if (outcome.Status == ProposalStatus.Unknown)
            {
                _acknowledged = await SettleAsync();
            }
        }

        /// <summary>After a write of unknown fate: a later write that is acknowledged fixes what the key may hold, for log order is apply order.</summary>
        private async Task<int> SettleAsync()
        {
            int value = ++_tried;
            await rig.ProposeAsync($"{_key}={value} settled", group);
            return value;
        }

        private async Task ReadAsync(RaftNode node)
        {
            if (node.Host?.Find(new GroupId(group)) is null)
            {
                return;
            }

            int floor = _acknowledged;
            (ReadStatus status, string? text) = await node.ReadAsync(group, _key);
            if (status == ReadStatus.Ok)
            {
                ReadCount++;
                Assert.True((text is null ? 0 : Number(text)) >= floor, $"{_key} read as {text} after {floor} was acknowledged");
            }
        }
    }
}
