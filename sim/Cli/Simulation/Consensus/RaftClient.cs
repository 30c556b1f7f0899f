using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Counts a key of its own up, one write after another, and reads it on any replica: never less than was acknowledged before the read, never more than was tried.</summary>
internal sealed class RaftClient(SimWorld world, IReadOnlyList<RaftRunner> nodes, int number, int rowCount)
{
    private int _acknowledged;
    private int _tried;

    /// <summary>Its key.</summary>
    internal string Key { get; } = $"client{number}";

    /// <summary>Writes and reads.</summary>
    /// <param name="steps">How many requests, if it hurries.</param>
    /// <param name="leisure">How many times as long as that it rests between them; it makes as many fewer.</param>
    internal async Task RunAsync(int steps, int leisure)
    {
        for (int step = 0; step < steps; step += leisure)
        {
            string label = string.Create(CultureInfo.InvariantCulture, $"client.{number}.{step}");
            if (world.Choices.Next(12, $"client.{number}.act?") == 0)
            {
                continue;
            }

            await world.Clock.DelayAsync(TimeSpan.FromMilliseconds(1 + world.Choices.Next(60 * leisure, label + ".rest")));
            RaftRunner node = nodes[world.Choices.Next(nodes.Count, label + ".node")];
            if (rowCount > 0 && world.Choices.Next(2, label + ".row?") == 1)
            {
                // Whether it was written at all is for the replicas to agree on.
                await node.ProposeAsync($"{Key}.{world.Choices.Next(rowCount, label + ".which")}={step} {new string('y', world.Choices.Next(150, label + ".size"))}");
            }
            else if (world.Choices.Next(5, label + ".what") < 3)
            {
                await WriteAsync(node, world.Choices.Next(150, label + ".size"));
            }
            else
            {
                await ReadAsync(node);
            }
        }
    }

    /// <summary>Reads the key on one replica again and again, so that whoever believes for too long that it leads is asked while it does.</summary>
    internal async Task WatchAsync(RaftRunner node, Func<bool> isOver)
    {
        string label = string.Create(CultureInfo.InvariantCulture, $"watch.{number}.{node.Machine.Name}");
        if (world.Choices.Next(3, label + "?") == 0)
        {
            return;
        }

        TimeSpan rest = TimeSpan.FromMilliseconds(2 + world.Choices.Next(20, label + ".rest"));
        while (!isOver())
        {
            await ReadAsync(node);
            await world.Clock.DelayAsync(rest);
        }
    }

    /// <summary>What a read at the end says.</summary>
    internal void CheckEnd((ReadStatus Status, string? Value) read)
    {
        if (read.Status == ReadStatus.Ok && (Number(read.Value) < _acknowledged || Number(read.Value) > _tried))
        {
            throw new PromiseBrokenException("acknowledged-is-kept", $"{Key} is {Number(read.Value)} at the end; {_acknowledged} was acknowledged, {_tried} was tried");
        }
    }

    private async Task WriteAsync(RaftRunner node, int sizeBytes)
    {
        // A write of unknown fate may come later than the next one, so what it leaves is only compared from below when the next is acknowledged.
        int value = _tried + 1;
        string command = $"{Key}={value} {new string('x', sizeBytes)}";
        if (!node.IsUp)
        {
            return;
        }

        _tried = value;
        ProposalOutcome outcome = await node.ProposeAsync(command);
        if (outcome is { Status: ProposalStatus.NotLeader, Leader: { } leader })
        {
            foreach (RaftRunner hinted in nodes)
            {
                if (hinted.Machine.Name == leader.Value)
                {
                    outcome = await hinted.ProposeAsync(command);
                }
            }
        }

        if (outcome.Status == ProposalStatus.Applied)
        {
            // Log order is apply order: nothing that was tried before can come after it.
            _acknowledged = value;
        }
    }

    private async Task ReadAsync(RaftRunner node)
    {
        int floor = _acknowledged;
        (ReadStatus status, string? text) = await node.ReadAsync(Key);
        if (status == ReadStatus.Ok && (Number(text) < floor || Number(text) > _tried))
        {
            throw new PromiseBrokenException("read-is-fresh", $"{Key} was read as {Number(text)} at {node.Machine.Name}; {floor} was acknowledged, {_tried} was tried");
        }
    }

    private static int Number(string? text) => text is null ? 0 : int.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
}
