using System;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A simulated machine with an ordered store and one replica of a group over it, through all its lives: consensus without the rest of the engine.</summary>
internal sealed class RaftRunner(SimNode machine, RaftHostOptions options, OrderedStoreOptions rows, RaftTraceChecker checker, TableOptions table)
{
    private static readonly GroupId Group = new(1);
    private RaftHost? _host;
    private TableMachine? _table;
    private ILoop? _loop;

    /// <summary>The machine.</summary>
    internal SimNode Machine => machine;

    /// <summary>Its replica's name; known after the first start.</summary>
    internal PeerId Peer { get; private set; }

    /// <summary>As a member of the group.</summary>
    internal RaftMember Member => new(Peer, new NodeId(machine.Name));

    /// <summary>Whether it takes requests.</summary>
    internal bool IsUp => machine.IsUp && _host is not null;

    /// <summary>Starts a life. A crash on the way leaves it down.</summary>
    internal async Task StartAsync()
    {
        _host = null;
        try
        {
            await machine.Start(environment =>
            {
                NodeEnvironment watched = environment with { Trace = checker.Watch(environment.Trace, machine.Name) };
                ILoop loop = watched.Spawner.CreateLoop("store");
                _loop = loop;
                return loop.CallAsync(static call => call.Runner.OpenAsync(call.Environment, call.Loop), (Runner: this, Environment: watched, Loop: loop));
            });
        }
        catch (SimNodeCrashedException)
        {
            // Whoever crashed it starts it again.
        }
        catch (StorageException damage)
        {
            throw new PromiseBrokenException("recovers", $"{machine.Name} does not start on a healthy disk: {damage}");
        }
    }

    /// <summary>Creates the group in the first life.</summary>
    internal Task FoundAsync(RaftMembership membership) => OnLoopAsync(async () =>
    {
        await _host!.CreateGroupAsync(Group, membership, _table!);
        return true;
    });

    internal Task<ProposalOutcome> ProposeAsync(string command) => OnGroupAsync(group => group.ProposeAsync(Encoding.UTF8.GetBytes(command)), new ProposalOutcome(ProposalStatus.NotLeader, default, null, null));

    /// <summary>A linearizable read.</summary>
    internal Task<(ReadStatus Status, string? Value)> ReadAsync(string key) => OnGroupAsync(
        async group =>
        {
            ReadOutcome outcome = await group.ReadIndexAsync();
            return (outcome.Status, outcome.Status == ReadStatus.Ok ? await _table!.GetAsync(key) : null);
        },
        (ReadStatus.NotLeader, null));

    internal Task<MembershipOutcome> ChangeMembershipAsync(RaftMembership target) => OnGroupAsync(group => group.ChangeMembershipAsync(target), MembershipOutcome.NotLeader);

    internal Task<bool> TransferAsync(PeerId to) => OnGroupAsync(group => group.TransferLeadershipAsync(to), false);

    /// <summary>Null while it is down.</summary>
    internal Task<RaftStatus?> StatusAsync() => OnGroupAsync(static group => Task.FromResult<RaftStatus?>(group.Status()), null);

    /// <summary>What it is in the middle of whatever it does, without a turn of its own; null while it is down.</summary>
    internal RaftStatus? StatusNow() => IsUp ? _host?.Find(Group)?.Status() : null;

    /// <summary>All rows of the table as this replica has them.</summary>
    internal Task<string> TableAsync() => OnLoopAsync(async () => string.Join('\n', await _table!.AllAsync()));

    private async Task<T> OnGroupAsync<T>(Func<RaftGroup, Task<T>> call, T absent)
    {
        if (!IsUp)
        {
            return absent;
        }

        try
        {
            return await OnLoopAsync(() => _host?.Find(Group) is { } group ? call(group) : Task.FromResult(absent));
        }
        catch (SimNodeCrashedException)
        {
            return absent;
        }
    }

    private Task<T> OnLoopAsync<T>(Func<Task<T>> body) => machine.CallAsync(() => _loop!.CallAsync(static async work => await work(), body));

    private async ValueTask<bool> OpenAsync(NodeEnvironment environment, ILoop loop)
    {
        OrderedStore store = await OrderedStore.OpenAsync(environment, loop, rows);
        Peer = PeerId.OfStore(store.StoreId);
        var host = new RaftHost(environment, loop, store, Peer, new Transport(environment.Network), options);
        _table = await TableMachine.OpenAsync(store, Group, table);
        foreach (GroupId group in await host.ListGroupsAsync())
        {
            await host.OpenGroupAsync(group, _table);
        }

        _host = host;
        environment.Spawner.Spawn(loop, "receive", async () =>
        {
            while (true)
            {
                NetworkFrame frame = await environment.Network.ReceiveAsync();
                host.Receive(frame.From, frame.Payload);
            }
        });
        return true;
    }

    private sealed class Transport(INetwork network) : IRaftTransport
    {
        public void Send(NodeId to, ReadOnlySpan<byte> frame) => network.Send(to, frame);
    }
}
