using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.Viewer;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

/// <summary>Goal: CI systems and people read the same from every form of a campaign, and shards add up to the whole.</summary>
public sealed class CampaignReportTests
{
    private const string Odd = "a <b>& \"c\" | ]]> \u0001 " + RunPageTests.Hostile;

    [Fact]
    public void JUnit_has_a_suite_for_each_scenario_a_case_for_each_strategy_and_counts_that_agree()
    {
        XElement root = XDocument.Parse(JUnitReport.Render(Broken(), marksRequired: true)).Root!;
        Assert.Equal("testsuites", root.Name.LocalName);
        XElement[] suites = [.. root.Elements("testsuite")];
        Assert.Equal(["first", "second", "marks"], suites.Select(static suite => suite.Attribute("name")!.Value));
        foreach (XElement suite in suites.Append(root))
        {
            Assert.Equal(suite.Descendants("testcase").Count(), Number(suite, "tests"));
            Assert.Equal(suite.Descendants("failure").Count(), Number(suite, "failures"));
            Assert.Equal(0, Number(suite, "errors") + Number(suite, "skipped"));
            Assert.True(double.Parse(suite.Attribute("time")!.Value, CultureInfo.InvariantCulture) >= 0);
        }

        Assert.All(root.Descendants("testcase"), static test => Assert.NotNull(test.Attribute("classname") ?? null));
        Assert.All(root.Descendants("testcase"), static test => Assert.NotEmpty(test.Attribute("name")!.Value));
        XElement failure = suites[1].Descendants("failure").Single();
        Assert.Equal("durable", failure.Attribute("type")!.Value);
        Assert.Contains("replay", failure.Value, StringComparison.Ordinal);
        Assert.Equal(2, root.Descendants("failure").Count());
        Assert.Single(XDocument.Parse(JUnitReport.Render(Broken())).Root!.Descendants("failure"));
    }

    [Fact]
    public void The_page_of_a_campaign_is_whole_loads_nothing_and_holds_its_data_as_text()
    {
        string page = CampaignPage.Render(Broken());
        RunPageTests.AssertBalanced(page);
        Assert.DoesNotMatch("https?://|<link|@import", page);
        Assert.Equal(2, Regex.Count(page, "<script"));
        Assert.Equal("durable", RunPageTests.DataOf(page).GetProperty("promiseBroken").GetString());
        Assert.Equal(Odd, RunPageTests.DataOf(page).GetProperty("explanation").GetString());
    }

    [Fact]
    public void The_summary_names_verdict_failure_and_marks()
    {
        string text = MarkdownSummary.Render(Broken());
        foreach (string word in (string[])["BROKEN", "**second**", "seed 7", "`durable`", "| first | seed |", "`never-hit`", "2 crash", "from 40 to 3 events"])
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
        }

        Assert.Contains("clean", MarkdownSummary.Render(CampaignResult.Of([Result("first", "seed")], null, 1, static _ => [])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_campaign_survives_JSON_and_reads_as_a_single_result_too()
    {
        CampaignResult campaign = Broken();
        CampaignResult again = CampaignResult.FromJson(campaign.ToJson());
        Assert.Equal(campaign.ToJson(), again.ToJson());
        RunResult single = RunResult.FromJson(campaign.ToJson());
        Assert.Equal(("second", 7UL, "durable", "broken"), (single.Scenario, single.Seed, single.PromiseBroken, single.Verdict));
        Assert.Throws<System.IO.InvalidDataException>(() => CampaignResult.FromJson(Result("first", "seed").ToJson()));
        Assert.Throws<System.IO.InvalidDataException>(() => CampaignResult.FromJson("{"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Shards_together_are_the_whole(int count)
    {
        const int Runs = 40;
        Scenario scenario = CounterScenario.Of(syncs: true);
        CampaignResult whole = CampaignOf(SeedExplorer.Explore(scenario, 1, new ExplorationBudget(Runs, Time: null)), null);
        CampaignResult[] shards =
        [
            .. Enumerable.Range(0, count).Select(shard => CampaignOf(
                SeedExplorer.Explore(scenario, 1 + (ulong)shard, new ExplorationBudget((Runs - shard + count - 1) / count, Time: null), stride: (ulong)count), $"{shard + 1}/{count}")),
        ];
        CampaignResult merged = CampaignResult.Merge(shards, static _ => []);
        Assert.Equal(Text(whole), Text(merged));
        Assert.Equal(Text(whole), Text(CampaignResult.Merge([.. shards.Reverse()], static _ => [])));
        Assert.Equal(Runs, merged.Schedules);

        static string Text(CampaignResult campaign) => (campaign with
        {
            WallSeconds = 0,
            VirtualOverReal = 0,
            EventsPerSecond = 0,
            SchedulesPerSecond = 0,
            Runs = [.. campaign.Runs.Select(static run => run with { WallSeconds = 0 })],
        }).ToJson();
    }

    [Fact]
    public void A_run_that_two_shards_made_is_one_schedule_and_the_lowest_failing_seed_is_told()
    {
        RunResult one = Result("s", "seed") with { Schedules = 2, ScheduleHashes = RunResult.Pack([5, 9]), Verdict = "broken", PromiseBroken = "later", Seed = 12 };
        RunResult two = Result("s", "seed") with { Schedules = 2, ScheduleHashes = RunResult.Pack([9, 1]), Verdict = "broken", PromiseBroken = "first", Seed = 11 };
        CampaignResult merged = CampaignResult.Merge(
            [CampaignResult.Of([one], "1/2", 1, static _ => []), CampaignResult.Of([two], "2/2", 3, static _ => [])], static _ => []);
        Assert.Equal((3, "first", 11UL, 3.0), (merged.Schedules, merged.PromiseBroken, merged.Seed, merged.WallSeconds));
    }

    internal static CampaignResult Broken() => CampaignResult.Of(
        [
            Result("first", "seed"),
            Result("first", "portfolio"),
            Result("second", "seed") with
            {
                Seed = 7,
                Verdict = "broken",
                PromiseBroken = "durable",
                Explanation = Odd,
                ReplayCommand = "replay --seed 7",
                ChoiceFile = "artifacts/sim/second.choices",
                Shrunk = new ShrunkRun(3, 40, 2, Minimal: true, 100, 1.5, "artifacts/sim/second.shrunk.choices"),
            },
        ],
        shard: null,
        wallSeconds: 2,
        static _ => ["never-hit"]) with
    {
        Detection = [new DetectionRow("forgotten-sync", "durability", "durable", Found: true, "seed", 3, 20), new DetectionRow("other", "ordering", "linearizable", Found: false, "seed", null, null)],
    };

    private static CampaignResult CampaignOf(Exploration seen, string? shard) => CampaignResult.Of(
        [
            Result("counter", "seed") with
            {
                Seed = shard is null ? 1 : ulong.Parse(shard.Split('/')[0], CultureInfo.InvariantCulture),
                Iterations = seen.Iterations,
                Schedules = seen.Schedules,
                Events = seen.Events,
                Requests = seen.Requests,
                VirtualSeconds = seen.VirtualTime.TotalSeconds,
                TraceHash = seen.TraceHash.ToString("x16", CultureInfo.InvariantCulture),
                Marks = seen.Marks,
                Faults = seen.Faults,
                ScheduleHashes = shard is null ? null : RunResult.Pack(seen.ScheduleHashes),
            },
        ],
        shard,
        1,
        static _ => []);

    private static RunResult Result(string scenario, string strategy) => new()
    {
        Scenario = scenario,
        Seed = 1,
        Strategy = strategy,
        Iterations = 10,
        Schedules = 10,
        Events = 1000,
        Requests = 50,
        VirtualSeconds = 4,
        WallSeconds = 0.5,
        TraceHash = "00000000000000ff",
        Verdict = "clean",
        Faults = new SortedDictionary<string, long>(StringComparer.Ordinal) { ["crash"] = scenario == "first" ? 1 : 0 },
        Marks = new SortedDictionary<string, long>(StringComparer.Ordinal) { ["wal-sealed"] = 2 },
    };

    private static int Number(XElement element, string name) => int.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
