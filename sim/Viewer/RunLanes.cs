using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.Viewer;

/// <summary>The lanes of a run, found from what it names: clients, nodes each with its disks, and the world.</summary>
internal sealed partial class RunLanes
{
    private readonly List<Lane> _lanes = [];
    private readonly Dictionary<string, int> _clients = [];
    private readonly Dictionary<string, int> _nodes = [];
    private readonly Dictionary<string, int> _disks = [];

    internal RunLanes(RunRecorder run)
    {
        string[] disks = [.. run.DiskRequests.Select(static request => request.Disk).Concat(run.Crashes.Select(static crash => crash.Report.Disk)).Distinct()];
        string[] clients = [.. run.Events.Select(static happened => Field(happened, "client")).OfType<string>()
            .Concat(run.History?.Entries.Select(static entry => entry.Client) ?? []).Distinct()];
        var nodes = new SortedSet<string>(Natural);
        nodes.UnionWith(run.Events.Where(static happened => happened.Area == "node").Select(static happened => Field(happened, "node")).OfType<string>());
        nodes.UnionWith(run.Events.Select(static happened => happened.Node).Where(static node => node != World));
        nodes.UnionWith(run.Messages.SelectMany(static message => (string[])[message.From, message.To]).Where(name => !clients.Contains(name)));
        nodes.UnionWith(disks.Select(NodeOf));
        foreach (string client in clients.Order(Natural))
        {
            Add(_clients, "client", client);
        }

        foreach (string node in nodes)
        {
            Add(_nodes, "node", node);
            foreach (string disk in disks.Where(disk => NodeOf(disk) == node).Order(Natural))
            {
                Add(_disks, "disk", disk);
            }
        }

        _lanes.Add(new Lane("world", World));
    }

    internal const string World = "world";

    internal IReadOnlyList<Lane> All => _lanes;

    /// <summary>Numbers in names by their value: 2 before 10.</summary>
    private static Comparer<string> Natural { get; } = Comparer<string>.Create(static (left, right) => string.CompareOrdinal(Padded(left), Padded(right)));

    /// <summary>Where something happens by what it names, from the most particular to the world.</summary>
    internal int Of(TraceEvent happened)
    {
        string? where = Field(happened, "client") ?? Field(happened, "at") ?? Field(happened, "node");
        if (happened.Area == TraceLog.FaultArea && where is not null && happened.Name.StartsWith("disk-", StringComparison.Ordinal) && _disks.TryGetValue(where, out int disk))
        {
            return disk;
        }

        return Named(where ?? happened.Node);
    }

    /// <summary>The lane of a client or a node.</summary>
    internal int Named(string name) =>
        _clients.TryGetValue(name, out int client) ? client
        : _nodes.TryGetValue(name, out int node) ? node
        : _disks.TryGetValue(name, out int disk) ? disk
        : _lanes.Count - 1;

    internal int Disk(string name) => _disks[name];

    internal int? Node(string? name) => name is not null && _nodes.TryGetValue(name, out int node) ? node : null;

    internal static string? Field(TraceEvent happened, string name)
    {
        foreach (TraceField field in happened.Fields)
        {
            if (field.Name == name)
            {
                return field.Text;
            }
        }

        return null;
    }

    internal static long? Number(TraceEvent happened, string name)
    {
        foreach (TraceField field in happened.Fields)
        {
            if (field.Name == name && field.Text is null)
            {
                return field.Number;
            }
        }

        return null;
    }

    private static string Padded(string name) => Digits().Replace(name, static number => number.Value.PadLeft(12, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    private static string NodeOf(string disk) => disk.Split('/')[0];

    private void Add(Dictionary<string, int> kind, string name, string lane)
    {
        kind.Add(lane, _lanes.Count);
        _lanes.Add(new Lane(name, lane));
    }
}
