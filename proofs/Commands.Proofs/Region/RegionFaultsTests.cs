using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace ObjectStore.Commands.Proofs.Region;

/// <summary>Goal: region-faults holds a region to its promises. Method: the command against a server of its own behind a stand-in for the region script, whole and with acknowledged objects thrown away.</summary>
public sealed class RegionFaultsTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    public RegionFaultsTests()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        File.WriteAllText(_folder.File("port"), $"{((IPEndPoint)listener.LocalEndpoint).Port}");
        File.WriteAllText(_folder.File("program"), BuiltBeside("ObjectStore.Engine.Host", "objectstore.dll"));
    }

    public void Dispose()
    {
        Script("down");
        _folder.Dispose();
    }

    [Fact]
    public void A_server_that_is_killed_and_restarted_under_load_keeps_its_promises()
    {
        (Ended ended, JsonElement result) = Run("stop-zone,rolling-restart", outageSeconds: 1, calmSeconds: 1);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal("linearizable", result.GetProperty("verdict").GetProperty("linearizability").GetString());
        Assert.True(result.GetProperty("requests").GetInt32() > 50, ended.ToString());
        JsonElement killed = result.GetProperty("troubles")[0];
        Assert.Equal("a", killed.GetProperty("target").GetString());

        // The clients did feel it, or nothing would have been measured: the outage is one second.
        Assert.True(killed.GetProperty("backSeconds").GetDouble() >= 1, ended.ToString());
        Assert.True(File.ReadAllLines(_folder.File("history")).Length >= result.GetProperty("requests").GetInt32());
    }

    [Fact]
    public void Service_that_stays_away_for_too_long_is_noticed()
    {
        // No calm: when the command looks, the requests that felt it are still under way.
        (Ended ended, JsonElement result) = Run("kill-leader", outageSeconds: 6, calmSeconds: 0);
        Assert.True(ended.ExitCode == 1, ended.ToString());
        Assert.Contains("promised are 5 s", result.GetProperty("troubles")[0].GetProperty("complaint").GetString(), StringComparison.Ordinal);
        Assert.True(result.GetProperty("verdict").GetProperty("lost").GetArrayLength() == 0, ended.ToString());
    }

    [Fact]
    public void Acknowledged_objects_that_are_thrown_away_are_noticed()
    {
        (Ended ended, JsonElement result) = Run("wipe-disk", outageSeconds: 1, calmSeconds: 1);
        Assert.True(ended.ExitCode == 1, ended.ToString());
        Assert.Contains("was acknowledged and is lost", ended.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, result.GetProperty("verdict").GetProperty("lost").GetArrayLength());
        Assert.Equal("broken", result.GetProperty("verdict").GetProperty("linearizability").GetString());
    }

    private static string BuiltBeside(string project, string file)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, file);
    }

    private (Ended Ended, JsonElement Result) Run(string troubles, int outageSeconds, int calmSeconds)
    {
        Script("up");
        Ended ended = Commands.Dotnet(
            _folder.Path,
            BuiltBeside("ObjectStore.Workloads.Load", "ObjectStore.Workloads.Load.dll"),
            "region-faults",
            "--script",
            ScriptFile,
            "--folder",
            _folder.Path,
            "--troubles",
            troubles,
            "--calm",
            $"{calmSeconds}",
            "--outage",
            $"{outageSeconds}",
            "--clients",
            "4",
            "--keys",
            "10",
            "--seed",
            "5",
            "--json",
            _folder.File("json"),
            "--history",
            _folder.File("history"));
        Assert.True(File.Exists(_folder.File("json")), ended.ToString());
        return (ended, JsonDocument.Parse(File.ReadAllText(_folder.File("json"))).RootElement);
    }

    private static string ScriptFile => Path.Combine(Commands.Root, "proofs", "Commands.Proofs", "Region", "region-of-one.sh");

    private void Script(string command)
    {
        using Process process = Process.Start("bash", [ScriptFile, "--dir", _folder.Path, command]);
        process.WaitForExit();
    }
}
