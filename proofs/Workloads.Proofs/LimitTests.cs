using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Workloads.Load.Compare;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;
using Xunit;

namespace ObjectStore.Workloads.Proofs;

/// <summary>Goal: a limit breaks when it should. Method: made-up runs just on either side of it.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData("operationsPerSecond", null, 100.0, null, true)]
    [InlineData("operationsPerSecond", null, 101.0, null, false)]
    [InlineData("p99", "GET", null, 2.0, true)]
    [InlineData("p99", "GET", null, 1.9, false)]
    [InlineData("p98", "GET", null, 100.0, false)]
    [InlineData("p99", "DELETE", null, 100.0, false)]
    [InlineData("errors", null, null, 3.0, true)]
    [InlineData("errors", null, null, 2.0, false)]
    public void A_run_is_held_to_its_thresholds(string metric, string? operation, double? min, double? max, bool held)
    {
        ThresholdResult result = new Thresholds([new Threshold(metric, operation, min, max)]).Check(Report()).Single();
        Assert.Equal(held, result.Held);
    }

    [Theory]
    [InlineData("rate", "ceiling", "worst", 0.5, true)]
    [InlineData("rate", "ceiling", "worst", 0.51, false)]
    [InlineData("rate", "ceiling", "best", 0.9, true)]
    [InlineData("rate", "ceph", "worst", 0.1, false)]
    [InlineData("ratePerServerCore", null, "worst", 10000.0, true)]
    [InlineData("ratePerServerCore", null, "worst", 10001.0, false)]
    [InlineData("rate", "commits", "worst", 0.25, true)]
    public void A_grid_is_held_to_its_rules(string measure, string? relativeTo, string of, double min, bool held)
    {
        var rules = new GridRules([new GridRule("rule", "get", null, null, measure, relativeTo, of, min, null)]);
        Assert.Equal(held, rules.Check(Grid()).Single().Held);
    }

    [Theory]
    [InlineData(200, 80, 0.625, true)]
    [InlineData(200, 80, 0.63, false)]
    [InlineData(40, 80, 1.25, true)]
    [InlineData(40, 80, 1.26, false)]
    [InlineData(null, 80, 0.1, false)]
    [InlineData(200, null, 0.1, false)]
    [InlineData(200, 0, 0.1, false)]
    public void A_put_is_held_to_the_slower_of_the_log_and_of_Kestrel(int? commits, int? ceiling, double min, bool held)
    {
        CompareReport empty = Grid();
        CompareReport grid = empty with
        {
            Limits = empty.Limits with { CommitsPerSecond = commits is { } rate ? new Dictionary<int, double> { [16] = rate } : [] },
            Cells = [Put("store", 50), .. ceiling is { } puts ? [Put("ceiling", puts)] : Array.Empty<CompareCell>()],
        };
        var rules = new GridRules([new GridRule("rule", "put", "4KiB", null, "rate", "commitsOrCeiling", "worst", min, null)]);
        Assert.Equal(held, rules.Check(grid).Single().Held);

        static CompareCell Put(string server, double rate) => new(server, "put", "4KiB", 16, rate, 1, 0, 100, 1, 1, 0, [rate]);
    }

    [Fact]
    public void A_peer_that_did_nothing_is_not_beaten()
    {
        CompareReport grid = Grid() with { Cells = [.. Grid().Cells.Select(static cell => cell.Server == "ceiling" ? cell with { OperationsPerSecond = 0 } : cell)] };
        Assert.False(new GridRules([new GridRule("rule", "get", null, null, "rate", "ceiling", "worst", 0.1, null)]).Check(grid).Single().Held);
    }

    [Fact]
    public void The_projects_rules_can_be_read() =>
        Assert.NotEmpty(GridRules.Load(Path.Combine(AppContext.BaseDirectory, "rules.json")).Check(Grid()));

    [Fact]
    public void An_open_loop_keeps_its_rate_behind_a_ramp()
    {
        // 100 a second after 2 seconds of ramp, which themselves bring 100 steps.
        Assert.Equal(0, LoadClient.TimeOf(0, 100, 2), 9);
        Assert.Equal(1, LoadClient.TimeOf(25, 100, 2), 9);
        Assert.Equal(2, LoadClient.TimeOf(100, 100, 2), 9);
        Assert.Equal(3, LoadClient.TimeOf(200, 100, 2), 9);
        Assert.Equal(0.5, LoadClient.TimeOf(50, 100, 0), 9);
    }

    private static LoadReport Report()
    {
        var none = new Dictionary<string, long>(StringComparer.Ordinal);
        var errors = new Dictionary<string, long>(StringComparer.Ordinal) { ["500 InternalError"] = 2 };
        var problems = new Dictionary<string, long>(StringComparer.Ordinal) { ["wrong size"] = 1 };
        LatencyPoint[] latency = [.. LoadReport.Percentiles.Select(static percentile => new LatencyPoint(percentile, 2))];
        var get = new OperationReport("GET", 1000, 100, 1, 0, 1.5, latency, errors, none, none);
        return new LoadReport("get", "closed", 1, 0, "4KiB", 1, 1, 10, 1000, 100, 3, [get], problems, []);
    }

    private static CompareReport Grid()
    {
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        return new CompareReport(
            "machine",
            "commit",
            DateTime.UnixEpoch,
            0,
            1,
            1,
            none,
            new MachineLimits(new Dictionary<int, double> { [16] = 200 }, 100, 50),
            [
                new CompareCell("store", "get", "4KiB", 16, 50, 1, 0, 100, 1, 1, 0, [50]),
                new CompareCell("ceiling", "get", "4KiB", 16, 100, 1, 0, 10, 1, 1, 0, [100]),
                new CompareCell("store", "get", "1MiB", 16, 90, 1, 0, 50, 1, 1, 0, [90]),
                new CompareCell("ceiling", "get", "1MiB", 16, 100, 1, 0, 10, 1, 1, 0, [100]),
            ]);
    }
}
