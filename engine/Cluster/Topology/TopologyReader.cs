using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>From JSON to a <see cref="TopologyFile"/>; whatever contradicts itself is refused here.</summary>
internal static class TopologyReader
{
    private const int NameLengthMax = 63;
    private const int ShardsMax = 256;
    private const int MillisecondsMax = 86_400_000;

    internal static TopologyFile Read(LinedJson json)
    {
        json.AllowOnly("region", "layout", "placementGroups", "initialVoters", "times", "zones");
        IReadOnlyList<TopologyZone> zones = ReadZones(json.Field("zones"));
        var nodes = new SortedDictionary<NodeId, TopologyNode>();
        foreach (TopologyZone zone in zones)
        {
            foreach (TopologyNode node in zone.Nodes)
            {
                nodes.Add(node.Name, node);
            }
        }

        return new TopologyFile(
            ReadName(json.Field("region")),
            ReadLayout(json.Field("layout")),
            json.FieldOrNone("placementGroups")?.AsNumber(1, 65_535) ?? 256,
            ReadVoters(json.Field("initialVoters"), nodes),
            json.FieldOrNone("times") is { } times ? ReadTimes(times) : new TopologyTimes(),
            zones);
    }

    private static List<TopologyZone> ReadZones(LinedJson list)
    {
        var zones = new List<TopologyZone>();
        var taken = new SortedDictionary<string, LinedJson>(StringComparer.Ordinal);
        foreach (LinedJson item in list.AsList(1, 1000))
        {
            item.AllowOnly("name", "nodes");
            LinedJson name = item.Field("name");
            string zone = ReadName(name);
            Claim(taken, $"zone {zone}", name);
            var nodes = new List<TopologyNode>();
            foreach (LinedJson node in item.Field("nodes").AsList(1, 1000))
            {
                nodes.Add(ReadNode(node, zone, taken));
            }

            zones.Add(new TopologyZone(zone, nodes));
        }

        return zones;
    }

    private static TopologyNode ReadNode(LinedJson json, string zone, SortedDictionary<string, LinedJson> taken)
    {
        json.AllowOnly("name", "cluster", "s3", "data", "metadata", "disks");
        string name = ReadName(json.Field("name"));
        Claim(taken, $"node {name}", json.Field("name"));
        NodeAddress cluster = ReadAddress(json.Field("cluster"));
        Claim(taken, $"address {cluster}", json.Field("cluster"));
        NodeAddress s3 = ReadAddress(json.Field("s3"));
        Claim(taken, $"address {s3}", json.Field("s3"));
        string data = ReadPath(json.Field("data"));
        string metadata = json.FieldOrNone("metadata") is { } given ? ReadPath(given) : $"{data}/metadata";
        var paths = new SortedDictionary<string, LinedJson>(StringComparer.Ordinal);
        Claim(paths, $"path {metadata}", json.FieldOrNone("metadata") ?? json.Field("data"));
        var disks = new List<string>();
        foreach (LinedJson disk in json.Field("disks").AsList(1, 1000))
        {
            string path = ReadPath(disk);
            Claim(paths, $"path {path}", disk);
            disks.Add(path);
        }

        return new TopologyNode(new NodeId(name), zone, cluster, s3, data, metadata, disks);
    }

    private static TopologyLayout ReadLayout(LinedJson json)
    {
        json.AllowOnly("data", "parity", "surviveZones", "surviveDisks");
        int data = json.Field("data").AsNumber(1, ShardsMax - 1);
        int parity = json.Field("parity").AsNumber(0, ShardsMax - data);
        return new TopologyLayout(data, parity, json.Field("surviveZones").AsNumber(0, 100), json.FieldOrNone("surviveDisks")?.AsNumber(0, ShardsMax) ?? 0);
    }

    private static List<NodeId> ReadVoters(LinedJson list, SortedDictionary<NodeId, TopologyNode> nodes)
    {
        var voters = new List<NodeId>();
        foreach (LinedJson item in list.AsList(1, 9))
        {
            var voter = new NodeId(item.AsText());
            if (!nodes.ContainsKey(voter))
            {
                throw item.Wrong($"there is no node '{voter}' in any zone");
            }

            if (voters.Contains(voter))
            {
                throw item.Wrong($"node '{voter}' is named twice");
            }

            voters.Add(voter);
        }

        return voters.Count % 2 == 1 ? voters : throw list.Wrong($"an even number of voters ({voters.Count}) survives no more than one less: name 1, 3, 5, 7 or 9");
    }

    private static TopologyTimes ReadTimes(LinedJson json)
    {
        json.AllowOnly("electionMs", "heartbeatMs", "repairAfterMs", "clockDriftPerMillion");
        var defaults = new TopologyTimes();
        var times = new TopologyTimes
        {
            Election = ReadTime(json, "electionMs", defaults.Election),
            Heartbeat = ReadTime(json, "heartbeatMs", defaults.Heartbeat),
            RepairAfter = ReadTime(json, "repairAfterMs", defaults.RepairAfter),
            ClockDriftPerMillion = json.FieldOrNone("clockDriftPerMillion")?.AsNumber(0, 500_000) ?? defaults.ClockDriftPerMillion,
        };
        return times.Heartbeat * 3 <= times.Election
            ? times
            : throw json.Wrong($"heartbeatMs ({times.Heartbeat.TotalMilliseconds}) must be at most a third of electionMs ({times.Election.TotalMilliseconds})");
    }

    private static TimeSpan ReadTime(LinedJson json, string name, TimeSpan otherwise) =>
        json.FieldOrNone(name) is { } field ? TimeSpan.FromMilliseconds(field.AsNumber(1, MillisecondsMax)) : otherwise;

    private static string ReadName(LinedJson json)
    {
        string name = json.AsText();
        bool fits = name.Length <= NameLengthMax && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);
        foreach (char letter in name)
        {
            fits &= char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.';
        }

        return fits ? name : throw json.Wrong($"'{name}' is no name: at most {NameLengthMax} of a-z, 0-9, - and ., beginning and ending with a letter or digit");
    }

    private static string ReadPath(LinedJson json)
    {
        string path = json.AsText();
        return path.StartsWith('/') && path.Length > 1 ? path.TrimEnd('/') : throw json.Wrong($"'{path}' is no absolute path");
    }

    private static NodeAddress ReadAddress(LinedJson json)
    {
        string text = json.AsText();
        return NodeAddress.TryParse(text, out NodeAddress address)
            ? address
            : throw json.Wrong($"'{text}' is not HOST:PORT, such as 10.0.0.1:7000, [fd00::1]:7000 or a1.example.com:7000");
    }

    private static void Claim(SortedDictionary<string, LinedJson> taken, string what, LinedJson by)
    {
        if (!taken.TryAdd(what, by))
        {
            throw by.Wrong($"{what} is taken at line {taken[what].Line} ({taken[what].Path})");
        }
    }
}
