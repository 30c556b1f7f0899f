using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;

namespace ObjectStore.Engine.Host;

/// <summary><c>objectstore admin status|disks|shards|repair|decommission|join</c>: through the admin socket of a running node, which asks the root leader.</summary>
internal static class ClusterAdminCommands
{
    internal static IEnumerable<Command> Build() =>
    [
        Show<ClusterStatus>("status", "How the region fares: nodes, redundancy, troubles.", AdminVerb.Status, ClusterTables.Write),
        Show<IReadOnlyList<DiskStatus>>("disks", "All data disks of the region.", AdminVerb.Disks, ClusterTables.Write),
        Show<IReadOnlyList<GroupStatus>>("shards", "The root group and all metadata shards: ranges, leaders, replicas.", AdminVerb.Groups, ClusterTables.Write),
        Repair(),
        Decommission(),
        Join(),
    ];

    private static DetailedCommand Show<T>(string name, string line, AdminVerb verb, Action<TextWriter, T> write)
    {
        Option<string> data = AdminCommands.DataOption();
        Option<bool> json = AdminCommands.JsonOption();
        var command = new DetailedCommand(name, line, "Any running node of the region will do: it asks the root leader.") { data, json };
        command.SetAction(async parsed => Print(await AskAsync(parsed.GetRequiredValue(data), new AdminRequest(verb)), parsed.GetValue(json), write));
        return command;
    }

    private static DetailedCommand Repair()
    {
        Option<string> data = AdminCommands.DataOption();
        Option<bool> json = AdminCommands.JsonOption();
        var now = new Option<bool>("--now") { Description = "Look at every placement group again at once." };
        var command = new DetailedCommand(
            "repair", "Redundancy of bodies, and the work for it.", "Repair runs by itself, the groups that could lose least first; this shows how far it is.") { now, data, json };
        command.SetAction(async parsed =>
        {
            var request = new AdminRequest(AdminVerb.Repair, Now: parsed.GetValue(now));
            return Print<RepairStatus>(await AskAsync(parsed.GetRequiredValue(data), request), parsed.GetValue(json), ClusterTables.Write);
        });
        return command;
    }

    private static DetailedCommand Decommission()
    {
        var kind = new Argument<string>("KIND") { Description = "disk, node or zone." };
        kind.AcceptOnlyFromAmong("disk", "node", "zone");
        var name = new Argument<string>("NAME") { Description = "The disk's id ('admin disks' lists them), or the name of the node or zone." };
        var giveUp = new Option<bool>("--lost") { Description = "What is there is gone: do not copy from it, build it again from the rest." };
        var cancel = new Option<bool>("--cancel") { Description = "Take it back, as long as something is left there." };
        Option<string> data = AdminCommands.DataOption();
        var command = new DetailedCommand(
            "decommission",
            "Empty a disk, a node or a zone, so that it can be taken away.",
            """
            Returns at once; 'admin disks' shows how many slots are still to move. Refused when what remains could not keep the region's promise.

            Example:
              objectstore admin decommission node a2 --data /var/lib/objectstore
            """)
        { kind, name, giveUp, cancel, data };
        command.SetAction(async parsed =>
        {
            var what = new DecommissionRequest(
                Enum.Parse<DecommissionKind>(parsed.GetRequiredValue(kind), ignoreCase: true), parsed.GetRequiredValue(name), parsed.GetValue(giveUp), parsed.GetValue(cancel));
            AdminResponse response = await AskAsync(parsed.GetRequiredValue(data), new AdminRequest(AdminVerb.Decommission, Decommission: what));
            Console.Out.WriteLine($"{(what.Cancel ? "taken back" : what.GiveUp ? "given up" : "being emptied")}: {parsed.GetRequiredValue(kind)} {what.Name}");
            return response.Code;
        });
        return command;
    }

    private static DetailedCommand Join()
    {
        var name = new Argument<string>("NODE") { Description = "Its name in the topology." };
        var topology = new Option<string>("--topology") { Description = "A topology file that has the node.", HelpName = "FILE", Required = true };
        Option<string> data = AdminCommands.DataOption();
        var command = new DetailedCommand(
            "join",
            "Let a new node in: all nodes learn its name and address.",
            """
            Ask a node that is in the region already. Then start the new one, with a topology file that has it and all others, and a certificate
            of the region's authority ('objectstore cluster issue-cert'); its disks take shards once it is up.

            Example:
              objectstore admin join d1 --topology region.json --data /var/lib/objectstore
            """)
        { name, topology, data };
        command.SetAction(async parsed =>
        {
            TopologyNode node = TopologyOption.Load(parsed.GetRequiredValue(topology), parsed.GetRequiredValue(name), insecure: false).Node;
            var join = new JoinRequest(node.Name.Value, node.Zone, node.Cluster.ToString(), node.S3.ToString());
            AdminResponse response = await AskAsync(parsed.GetRequiredValue(data), new AdminRequest(AdminVerb.Join, Join: join));
            Console.Out.WriteLine($"node {node.Name} may join");
            return response.Code;
        });
        return command;
    }

    private static async Task<AdminResponse> AskAsync(string data, AdminRequest request)
    {
        AdminResponse response = await AdminSocket.AskAsync(data, request)
            ?? throw new CommandFailedException(ExitCode.Failed, $"no server answers on {DataFolder.SocketPath(data)}");
        return response.Code == ExitCode.Ok ? response : throw new CommandFailedException(response.Code, response.Message);
    }

    private static int Print<T>(AdminResponse response, bool json, Action<TextWriter, T> write)
    {
        if (json)
        {
            AdminCommands.Print(response.Result!.Value);
        }
        else
        {
            write(Console.Out, response.Result!.Value.Deserialize<T>(AdminFormat.Line)!);
        }

        return response.Code;
    }
}
