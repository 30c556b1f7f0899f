using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.Viewer;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

/// <summary>Goal: the page about a run is whole, safe and bounded. Method: what it is made of, without a browser; <see cref="BrowserTests"/> opens it in one.</summary>
public sealed partial class RunPageTests
{
    /// <summary>Text that would do harm if any of it became markup.</summary>
    internal const string Hostile = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{script}}&amp;'\"";

    [Fact]
    public void Nothing_is_loaded_from_anywhere_and_the_markup_is_whole()
    {
        string page = SmallRegion.Page();
        Assert.DoesNotMatch(Outside(), page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        AssertBalanced(page);
    }

    [Fact]
    public void What_a_run_says_never_becomes_markup()
    {
        string page = SmallRegion.Page();
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(page, "<script"));
        Assert.Equal(2, Regex.Count(page, "</script"));
        JsonElement data = DataOf(page);
        Assert.Contains(data.GetProperty("events").EnumerateArray(), static happened => happened[6].GetString()!.Contains(Hostile, StringComparison.Ordinal));
        Assert.Contains(Hostile, data.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Contains("<title>&lt;/script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Lanes_are_found_from_what_the_run_names()
    {
        JsonElement data = DataOf(SmallRegion.Page());
        string[] lanes = [.. data.GetProperty("lanes").EnumerateArray().Select(static lane => $"{lane.GetProperty("kind").GetString()} {lane.GetProperty("name").GetString()}")];
        Assert.Equal(["client client 2", "client client 10", "node a", "disk a", "disk a/1", "node b", "disk b", "disk b/1", "world world"], lanes);
    }

    [Fact]
    public void Lives_terms_messages_and_the_answer_that_cannot_be_placed_are_in_it()
    {
        JsonElement data = DataOf(SmallRegion.Page());
        string[] roles = [.. data.GetProperty("roles").EnumerateArray().Select(static role => $"{role[0]} {role[4].GetString()} {role[5]}")];
        Assert.Equal(["2 candidate 1", "2 leader 1", "5 follower 1"], roles.Order(StringComparer.Ordinal));
        Assert.Equal(3, data.GetProperty("lives").GetArrayLength());
        Assert.Contains(data.GetProperty("messages").EnumerateArray(), static message => !message[4].GetBoolean());
        Assert.Contains(data.GetProperty("messages").EnumerateArray(), static message => message[4].GetBoolean());
        Assert.Equal(1, data.GetProperty("unplaceable").GetInt32());
        Assert.NotEmpty(data.GetProperty("crashes").EnumerateArray());
    }

    [Fact]
    public void A_page_about_a_long_run_is_bounded_and_says_what_is_left_out()
    {
        var recorder = new RunRecorder();
        const int Many = 70_000;
        for (int step = 0; step < Many; step++)
        {
            recorder.Traced(new TraceEvent(TimeSpan.FromMicroseconds(step), step, "n", TraceLevel.Info, step == Many / 2 ? TraceLog.FaultArea : "test", "said", [("at", "n")]));
            recorder.MessageEnded(recorder.MessageSent(TimeSpan.FromMicroseconds(step), "n", "m", "text"), TimeSpan.FromMicroseconds(step + 1), arrived: true);
            recorder.DiskAsked("n", new DiskRequest(step, DiskVerb.Write, "file", 0, 1), TimeSpan.FromMicroseconds(step), TimeSpan.FromMicroseconds(1));
        }

        string page = RunPage.Render(new RunPageHeader("long", Replay: null), recorder, SmallRegion.AnyRun());
        JsonElement data = DataOf(page);
        Assert.InRange(data.GetProperty("events").GetArrayLength(), RunPage.EventCountMax / 2, RunPage.EventCountMax);
        Assert.Contains(data.GetProperty("events").EnumerateArray(), static happened => happened[4].GetString() == TraceLog.FaultArea);
        Assert.Equal(RunPage.ArrowCountMax, data.GetProperty("messages").GetArrayLength());
        Assert.Equal(3, data.GetProperty("leftOut").GetArrayLength());
        Assert.InRange(page.Length, 1, 6_000_000);
    }

    [Fact]
    public void Being_watched_changes_nothing_about_a_run()
    {
        Scenario scenario = CounterScenario.Of(syncs: false);
        for (ulong seed = 0; seed < 30; seed++)
        {
            ScenarioRun alone = SeedExplorer.Repeat(scenario, seed);
            ScenarioRun watched = scenario(new ScenarioContext(SeedExplorer.Choices(seed)) { Observer = new RunRecorder() });
            Assert.Equal(alone.TraceHash, watched.TraceHash);
            Assert.Equal(alone.Explanation, watched.Explanation);
        }
    }

    [Theory]
    [InlineData(CrashStyle.LoseAll, 0, 2, "=x..x")]
    [InlineData(CrashStyle.KeepAll, 2, 0, "=k..k")]
    public void A_power_loss_is_reported_sector_by_sector(CrashStyle style, int kept, int lost, string map)
    {
        var world = new SimWorld(new SeededChoices(1), new SimOptions { Disk = new SimDiskOptions { SectorSizeBytes = 512 } });
        SimDisk disk = world.CreateDisk();
        world.Run(async () =>
        {
            IDiskFile file = (await disk.OpenAsync("file", DiskOpen.Create)).Value;
            await disk.SyncDirectoryAsync();
            await file.AllocateAsync(5 * 512);
            await file.WriteAsync(0, new byte[] { 1 });
            await file.SyncAsync();
            await file.WriteAsync(512, new byte[] { 2 });
            await file.WriteAsync(4 * 512, new byte[] { 3 });
        });
        FileCrashReport report = Assert.Single(DiskCrashReport.Of(disk, disk.Crash(world.Choices, style)).Files);
        Assert.Equal((2, kept, lost, 0, map), (report.Unsynced, report.Kept, report.Lost, report.Torn, report.Map));
        Assert.Equal(5 * 512, report.LengthAfter);
    }

    internal static JsonElement DataOf(string page)
    {
        Match data = Data().Match(page);
        Assert.True(data.Success);
        return JsonDocument.Parse(data.Groups["data"].Value).RootElement;
    }

    /// <summary>Every element that is opened is closed in order, apart from those that have no end.</summary>
    internal static void AssertBalanced(string page)
    {
        string[] empty = ["meta", "input", "img", "br"];
        string plain = Raw().Replace(page, "<${name}></${name}>");
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(plain))
        {
            string name = tag.Groups["name"].Value.ToLower(CultureInfo.InvariantCulture);
            if (tag.Groups["end"].Length == 0)
            {
                if (!empty.Contains(name))
                {
                    open.Push(name);
                }
            }
            else
            {
                Assert.Equal(open.Pop(), name);
            }
        }

        Assert.Empty(open);
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("""https?://|//[a-z]+\.[a-z]|\bsrc\s*=\s*["'][^"']|<link|@import|url\(|\bfetch\s*\(|XMLHttpRequest|WebSocket|\bimport\s*\(""")]
    private static partial Regex Outside();

    [GeneratedRegex("""<script type="application/json" id="data">(?<data>.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex Data();

    [GeneratedRegex("<(?<name>script|style)[^>]*>.*?</\\k<name>>", RegexOptions.Singleline)]
    private static partial Regex Raw();

    [GeneratedRegex("<(?<end>/?)(?<name>[a-zA-Z][a-zA-Z0-9]*)[^>]*>")]
    private static partial Regex Tag();
}

/// <summary>A run of two nodes with two disks each and two clients, with something of everything that a page shows.</summary>
internal static class SmallRegion
{
    internal static string Page()
    {
        var recorder = new RunRecorder();
        ScenarioRun run = Scenario()(new ScenarioContext(new SeededChoices(4)) { Observer = recorder });
        return RunPage.Render(new RunPageHeader(RunPageTests.Hostile, "replay <it>"), recorder, run);
    }

    internal static ScenarioRun AnyRun() => CounterScenario.Of(syncs: true)(new ScenarioContext(new SeededChoices(1)));

    private static Scenario Scenario() => context => context.Execute(new SimOptions(), world => world.Run(async () =>
    {
        SimNode a = world.CreateNode("a", diskCount: 2);
        SimNode b = world.CreateNode("b", diskCount: 2);
        world.Network["b", "a"] = new LinkOptions { Cut = true };
        await a.Start((environment, disks) => LiveAsync(environment, disks, "b", "became-leader"));
        await b.Start((environment, disks) => LiveAsync(environment, disks, "a", role: null));
        Client(world, "client 2", $"Put bucket/{RunPageTests.Hostile}", "200");
        Client(world, "client 10", "Get bucket/key", "404 NoSuchKey");
        await world.Clock.DelayAsync(TimeSpan.FromMilliseconds(5));
        world.Fault("crash", "a");
        a.Crash();
        await a.Start((environment, disks) => Task.FromResult(true));
        world.Observer?.HistoryChecked(new ObservedHistory(
            [
                new ObservedRequest(0, "client 2", TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), $"Put bucket/{RunPageTests.Hostile}", "200"),
                new ObservedRequest(1, "client 10", TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(4), "Get bucket/key", "404 NoSuchKey"),
            ],
            Unplaceable: 1,
            Involved: [0],
            States: [RunPageTests.Hostile]));
        await world.Clock.DelayAsync(TimeSpan.FromMilliseconds(5));
        throw new PromiseBrokenException("linearizable", $"no order explains {RunPageTests.Hostile}");
    }));

    private static void Client(SimWorld world, string name, string request, string answer)
    {
        world.Trace.Emit(TraceLevel.Info, TraceLog.ClientArea, TraceLog.CallName, ("client", name), ("request", request));
        world.Trace.Emit(TraceLevel.Info, TraceLog.ClientArea, "return", ("client", name), ("answer", answer));
    }

    private static async Task<bool> LiveAsync(NodeEnvironment environment, IReadOnlyList<IDisk> disks, string other, string? role)
    {
        environment.Trace.Emit(TraceLevel.Info, "raft", role is null ? "became-follower" : "became-candidate", ("group", 1), ("term", 1));
        foreach (IDisk disk in disks)
        {
            IDiskFile file = (await disk.OpenAsync("file", DiskOpen.Create)).Value;
            await file.WriteAsync(0, new byte[] { 1 });
        }

        environment.Network.Send(new NodeId(other), new byte[] { 1 });
        if (role is not null)
        {
            environment.Trace.Emit(TraceLevel.Info, "raft", role, ("group", 1), ("term", 1));
        }

        environment.Trace.Mark("lived");
        return true;
    }
}
