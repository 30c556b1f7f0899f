using System;
using System.Linq;
using System.Text;
using CsCheck;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

public sealed class TopologyFileTests
{
    private const string Good = """
        {
          // Six nodes would do better.
          "region": "eu-1",
          "layout": { "data": 2, "parity": 4, "surviveZones": 1, "surviveDisks": 1 },
          "placementGroups": 64,
          "initialVoters": ["a1", "b1", "c1"],
          "times": { "electionMs": 900, "heartbeatMs": 90, "repairAfterMs": 5000, "clockDriftPerMillion": 200 },
          "zones": [
            { "name": "a", "nodes": [{ "name": "a1", "cluster": "10.0.0.1:7000", "s3": "10.0.0.1:9000", "data": "/var/a1/", "disks": ["/d/1", "/d/2"] }] },
            { "name": "b", "nodes": [{ "name": "b1", "cluster": "[fd00::1]:7000", "s3": "b1.example.com:9000", "data": "/var/b1", "metadata": "/fast/b1", "disks": ["/d/1"] }] },
            { "name": "c", "nodes": [{ "name": "c1", "cluster": "c1:7000", "s3": "c1:9000", "data": "/var/c1", "disks": ["/d/1"] }] },
          ]
        }
        """;

    [Fact]
    public void A_file_says_everything_that_it_says()
    {
        TopologyFile file = Parse(Good);
        Assert.Equal(("eu-1", 64), (file.Region, file.PlacementGroupCount));
        Assert.Equal(new TopologyLayout(2, 4, 1, 1), file.Layout);
        Assert.Equal(["a1", "b1", "c1"], file.InitialVoters.Select(static voter => voter.Value));
        Assert.Equal(
            new TopologyTimes
            {
                Election = TimeSpan.FromMilliseconds(900),
                Heartbeat = TimeSpan.FromMilliseconds(90),
                RepairAfter = TimeSpan.FromSeconds(5),
                ClockDriftPerMillion = 200,
            },
            file.Times);
        TopologyNode[] nodes = [.. file.Nodes];
        Assert.Equal(["a", "b", "c"], nodes.Select(static node => node.Zone));
        Assert.Equal((new NodeAddress("10.0.0.1", 7000), "/var/a1", "/var/a1/metadata"), (nodes[0].Cluster, nodes[0].Data, nodes[0].Metadata));
        Assert.Equal(["/d/1", "/d/2"], nodes[0].Disks);
        Assert.Equal(("[fd00::1]:7000", "/fast/b1"), (nodes[1].Cluster.ToString(), nodes[1].Metadata));
        Assert.Equal("c1:9000", nodes[2].S3.ToString());
        Assert.Equal("b", file.Find(new NodeId("b1"))!.Zone);
        Assert.Null(file.Find(new NodeId("d1")));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        TopologyFile file = Parse(Without(Without(Good, "\"times\""), "\"placementGroups\""));
        Assert.Equal(256, file.PlacementGroupCount);
        Assert.Equal(new TopologyTimes(), file.Times);
    }

    [Theory]
    [InlineData("\"region\": \"eu-1\",", "", "line 1: the field 'region' is missing")]
    [InlineData("\"region\": \"eu-1\"", "\"region\": \"\"", "line 3, region: must not be empty")]
    [InlineData("\"region\": \"eu-1\"", "\"region\": 7", "line 3, region: must be a text")]
    [InlineData("\"region\": \"eu-1\"", "\"region\": \"eu-1\",\n\"region\": \"eu-2\"", "line 4, region: is there twice")]
    [InlineData("\"placementGroups\": 64", "\"placementgroups\": 64", "line 5, placementgroups: there is no such field; known here: region, layout, placementGroups, initialVoters, times, zones")]
    [InlineData("\"placementGroups\": 64", "\"placementGroups\": 0", "line 5, placementGroups: must be a whole number from 1 to 65535, not 0")]
    [InlineData("\"placementGroups\": 64", "\"placementGroups\": 1.5", "line 5, placementGroups: must be a whole number from 1 to 65535, not 1.5")]
    [InlineData("\"parity\": 4", "\"parity\": 400", "line 4, layout.parity: must be a whole number from 0 to 254, not 400")]
    [InlineData("[\"a1\", \"b1\", \"c1\"]", "[\"a1\", \"b1\", \"d1\"]", "line 6, initialVoters[2]: there is no node 'd1' in any zone")]
    [InlineData("[\"a1\", \"b1\", \"c1\"]", "[\"a1\", \"b1\", \"b1\"]", "line 6, initialVoters[2]: node 'b1' is named twice")]
    [InlineData("[\"a1\", \"b1\", \"c1\"]", "[\"a1\", \"b1\"]", "line 6, initialVoters: an even number of voters (2) survives no more than one less: name 1, 3, 5, 7 or 9")]
    [InlineData("\"heartbeatMs\": 90", "\"heartbeatMs\": 500", "line 7, times: heartbeatMs (500) must be at most a third of electionMs (900)")]
    [InlineData("\"name\": \"b\"", "\"name\": \"a\"", "line 10, zones[1].name: zone a is taken at line 9 (zones[0].name)")]
    [InlineData("\"name\": \"b1\"", "\"name\": \"a1\"", "line 10, zones[1].nodes[0].name: node a1 is taken at line 9 (zones[0].nodes[0].name)")]
    [InlineData("\"name\": \"b1\"", "\"name\": \"B 1\"", "line 10, zones[1].nodes[0].name: 'B 1' is no name: at most 63 of a-z, 0-9, - and ., beginning and ending with a letter or digit")]
    [InlineData("c1:7000", "10.0.0.1:7000", "line 11, zones[2].nodes[0].cluster: address 10.0.0.1:7000 is taken at line 9 (zones[0].nodes[0].cluster)")]
    [InlineData("c1:7000", "c1", "line 11, zones[2].nodes[0].cluster: 'c1' is not HOST:PORT, such as 10.0.0.1:7000, [fd00::1]:7000 or a1.example.com:7000")]
    [InlineData("c1:7000", "c1:70000", "line 11, zones[2].nodes[0].cluster: 'c1:70000' is not HOST:PORT, such as 10.0.0.1:7000, [fd00::1]:7000 or a1.example.com:7000")]
    [InlineData("/var/c1", "var/c1", "line 11, zones[2].nodes[0].data: 'var/c1' is no absolute path")]
    [InlineData("[\"/d/1\", \"/d/2\"]", "[\"/d/1\", \"/d/1\"]", "line 9, zones[0].nodes[0].disks[1]: path /d/1 is taken at line 9 (zones[0].nodes[0].disks[0])")]
    [InlineData("[\"/d/1\", \"/d/2\"]", "[]", "line 9, zones[0].nodes[0].disks: must have 1 to 1000 entries, not 0")]
    public void A_mistake_is_named_with_its_line_and_field(string good, string wrong, string message)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);
        Assert.Equal(message, Assert.Throws<TopologyException>(() => Parse(Good.Replace(good, wrong, StringComparison.Ordinal))).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\n\"region\": nope }")]
    [InlineData("{} {}")]
    public void What_is_no_topology_is_refused_with_a_line(string text) =>
        Assert.StartsWith("line ", Assert.Throws<TopologyException>(() => Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_text_does_worse_than_being_refused() =>
        Gen.Select(Gen.Int[0, Good.Length - 1], Gen.Int[0, 30], Gen.String[Gen.Char["{}[]\",:0aé/\n"], 0, 5]).Sample(
            static (at, cut, insert) =>
            {
                string text = Good[..at] + insert + Good[Math.Min(Good.Length, at + cut)..];
                try
                {
                    Parse(text);
                }
                catch (TopologyException failure)
                {
                    Assert.StartsWith("line ", failure.Message, StringComparison.Ordinal);
                }
            },
            iter: 3000,
            threads: 1);

    private static TopologyFile Parse(string text) => TopologyFile.Parse(Encoding.UTF8.GetBytes(text));

    private static string Without(string text, string field) =>
        string.Join('\n', text.Split('\n').Where(line => !line.Contains(field, StringComparison.Ordinal)));
}
