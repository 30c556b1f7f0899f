using System;
using System.CommandLine;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ObjectStore.Engine.Cluster;

namespace ObjectStore.Engine.Host;

/// <summary><c>objectstore cluster init|init-ca|issue-cert|check</c>: what a region needs before its nodes start.</summary>
internal static class ClusterCommands
{
    private const int AuthorityDays = 3650;
    private const int NodeDays = 825;

    internal static Command Build() => new("cluster", "Prepare a region: certificates, shared secrets, topology.") { Init(), InitAuthority(), IssueCertificate(), Check() };

    private static DetailedCommand Init()
    {
        Option<string> topology = TopologyOptionOf();
        var output = new Option<string>("--out") { Description = "Where to write; made when missing.", HelpName = "DIR", Required = true };
        var command = new DetailedCommand(
            "init",
            "Make everything that the nodes of a topology need for their first start.",
            """
            Writes DIR/ca.pem and DIR/ca.key (the region's own authority: keep its key apart from all nodes), and for each node a folder DIR/NAME with its
            certificate, its key, root.json (root credentials, from the environment as with 'server', else made up and printed) and master.key (server-side
            encryption). Copy the contents of DIR/NAME into the data folder of that node.

            Example:
              objectstore cluster init --topology region.json --out ./region-secrets
            """)
        { topology, output };
        command.SetAction(parsed =>
        {
            TopologyFile region = TopologyOption.LoadFile(parsed.GetRequiredValue(topology));
            RegionLayout.Require(region);
            string folder = parsed.GetRequiredValue(output);
            using X509Certificate2 authority = RegionFiles.CreateAuthority(folder, region.Region, TimeSpan.FromDays(AuthorityDays));
            (string rootJson, string accessKey, string? madeSecret) = RootIdentity.MakeFile();
            string masterKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(MasterKeyFile.KeyBytes)) + "\n";
            foreach (TopologyNode node in region.Nodes)
            {
                RegionFiles.PrepareDataFolder(authority, Path.Join(folder, node.Name.Value), node.Name.Value, TimeSpan.FromDays(NodeDays), rootJson, masterKey);
                Console.Out.WriteLine($"wrote {Path.Join(folder, node.Name.Value)} for the data folder of {node.Name}");
            }

            Console.Out.WriteLine($"root access key {accessKey}");
            Console.Out.Write(madeSecret is null ? "" : $"root secret key {madeSecret} (shown this once; kept in root.json)\n");
            return ExitCode.Ok;
        });
        return command;
    }

    private static DetailedCommand InitAuthority()
    {
        var region = new Option<string>("--region") { Description = "Its name, for people.", HelpName = "NAME", DefaultValueFactory = static _ => "us-east-1" };
        Option<string> folder = AuthorityOption();
        Option<int> days = DaysOption(AuthorityDays);
        var command = new DetailedCommand(
            "init-ca", "Make a region's own certificate authority.", "Whoever has DIR/ca.key can make nodes: keep it apart from all nodes.") { region, folder, days };
        command.SetAction(parsed =>
        {
            using X509Certificate2 made = RegionFiles.CreateAuthority(
                parsed.GetRequiredValue(folder), parsed.GetRequiredValue(region), TimeSpan.FromDays(parsed.GetRequiredValue(days)));
            Console.Out.WriteLine($"authority '{made.Subject}', good until {made.NotAfter.ToUniversalTime():yyyy-MM-dd}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static DetailedCommand IssueCertificate()
    {
        var name = new Argument<string>("NODE") { Description = "The node's name in the topology." };
        Option<string> folder = AuthorityOption();
        var output = new Option<string>("--out") { Description = "Where to write ca.pem, node.pem and node.key: the folder 'cluster' in the node's data folder.", HelpName = "DIR", Required = true };
        Option<int> days = DaysOption(NodeDays);
        var command = new DetailedCommand(
            "issue-cert",
            "Make a certificate for a node.",
            """
            The node reads it when it starts; the metric objectstore_cluster_certificate_expires_seconds says until when it is good.

            Example:
              objectstore cluster issue-cert a1 --ca ./region-secrets --out /var/lib/objectstore/cluster
            """)
        { name, folder, output, days };
        command.SetAction(parsed =>
        {
            string node = parsed.GetRequiredValue(name);
            using X509Certificate2 authority = RegionFiles.LoadAuthority(parsed.GetRequiredValue(folder));
            RegionFiles.IssueCertificate(authority, parsed.GetRequiredValue(output), node, TimeSpan.FromDays(parsed.GetRequiredValue(days)));
            Console.Out.WriteLine($"certificate of {node} in {parsed.GetRequiredValue(output)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static DetailedCommand Check()
    {
        Option<string> topology = TopologyOptionOf();
        var command = new DetailedCommand("check", "Read a topology file and say what it describes, or what is wrong with it.",
            """
            Nothing is started or changed. Refuses a layout that cannot keep its promise on these disks, says why, and names one that can:
            10+4 over three zones cannot read through the loss of a zone, which takes five shards.
            """)
        { topology };
        command.SetAction(parsed =>
        {
            TopologyFile region = TopologyOption.LoadFile(parsed.GetRequiredValue(topology));
            TopologyLayout layout = region.Layout;
            Console.Out.WriteLine($"region {region.Region}: {layout.DataShards}+{layout.ParityShards}, voters {string.Join(", ", region.InitialVoters)}");
            foreach (TopologyNode node in region.Nodes)
            {
                Console.Out.WriteLine($"zone {node.Zone}\tnode {node.Name}\tcluster {node.Cluster}\ts3 {node.S3}\t{node.Disks.Count} disks");
            }

            RegionLayout.Require(region);
            Console.Out.WriteLine($"everything stays readable when {RegionLayout.Of(layout).Read} is lost at one time");

            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string> TopologyOptionOf() => new("--topology") { Description = "The topology file.", HelpName = "FILE", Required = true };

    private static Option<string> AuthorityOption() => new("--ca") { Description = "Folder of ca.pem and ca.key.", HelpName = "DIR", Required = true };

    private static Option<int> DaysOption(int days) => new("--days") { Description = "How long it is good.", HelpName = "N", DefaultValueFactory = _ => days };
}
