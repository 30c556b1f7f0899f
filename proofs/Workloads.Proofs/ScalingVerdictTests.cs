using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Scaling;
using Xunit;

namespace ObjectStore.Workloads.Proofs;

/// <summary>Goal: what becomes slower as the bucket grows is seen, and what does not is not blamed. Method: made-up plateaus with one planted fault each.</summary>
public sealed class ScalingVerdictTests
{
    private const long Mebibyte = 1 << 20;
    private static readonly ScalingVerdict Verdict = new(WithinPercent: 20, ListMin: 200_000, MemoryBytesMax: 2048 * Mebibyte);

    [Fact]
    public void A_server_within_all_limits_passes() => Assert.All(Verdict.Judge(Report()), static result => Assert.True(result.Held, result.ToString()));

    [Theory]
    [InlineData("PUT")]
    [InlineData("GET")]
    [InlineData("LIST")]
    [InlineData("memory")]
    [InlineData("errors")]
    [InlineData("plateaus")]
    public void A_planted_fault_breaks_its_rule_alone(string planted)
    {
        ScalingReport report = Report(planted switch
        {
            "PUT" => static plateau => plateau.Objects == 10_000_000 ? plateau with { Put = plateau.Put with { OfSmall = 0.799 } } : plateau,
            "GET" => static plateau => plateau.Objects == 100_000 ? plateau with { Get = plateau.Get with { OfSmall = 1.251 } } : plateau,
            "LIST" => static plateau => plateau.Objects == 1_000_000 ? plateau with { List = plateau.List with { PerSecond = 199_999 } } : plateau,
            "memory" => static plateau => plateau.Objects == 10_000 ? plateau with { ResidentBytesMost = 2049 * Mebibyte } : plateau,
            "errors" => static plateau => plateau.Objects == 10_000 ? plateau with { Errors = 1 } : plateau,
            _ => static plateau => plateau,
        });
        report = planted == "plateaus" ? report with { Plateaus = [.. report.Plateaus.SkipLast(1)] } : report;
        Assert.Contains(planted, Assert.Single(Verdict.Judge(report), static result => !result.Held).Name, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_measured_beside_the_small_store_does_not_pass()
    {
        ScalingReport report = Report(static plateau => plateau.Objects == 10_000 ? plateau with { Put = plateau.Put with { OfSmall = null } } : plateau);
        Assert.Contains("PUT", Assert.Single(Verdict.Judge(report), static result => !result.Held).Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_just_within_the_limit_pass() =>
        Assert.All(
            Verdict.Judge(Report(static plateau => plateau.Objects == 10_000_000 ? plateau with { Put = plateau.Put with { OfSmall = 0.8 }, Get = plateau.Get with { OfSmall = 0.8 } } : plateau)),
            static result => Assert.True(result.Held, result.ToString()));

    [Fact]
    public void Listings_of_a_small_bucket_are_not_held_to_the_minimum() =>
        Assert.Equal(2, Verdict.Judge(Report()).Count(static result => result.Name.StartsWith("LIST", StringComparison.Ordinal)));

    [Fact]
    public void One_plateau_tells_nothing() =>
        Assert.Equal(2, Verdict.Judge(Report() with { Plateaus = [Report().Plateaus[0]], Wanted = [10_000] }).Count(static result => !result.Held));

    [Fact]
    public void No_plateau_at_all_does_not_pass() => Assert.Contains(Verdict.Judge(Report() with { Plateaus = [] }), static result => !result.Held);

    [Fact]
    public void The_page_shows_each_plateau_and_each_rule()
    {
        ScalingReport report = Report(static plateau => plateau.Objects == 10_000 ? plateau with { Errors = 3, ErrorKinds = ["GET 500 InternalError"], CameToRest = false } : plateau);
        string page = ScalingMarkdown.Render(report with { Stopped = "the disk is full" }, Verdict.Judge(report));
        string[] lines = page.Split('\n');
        Assert.Equal(4, lines.Count(static line => line.StartsWith("| 1", StringComparison.Ordinal)));
        Assert.Single(lines.Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Select(static line => line.Count(static letter => letter == '|')).Distinct());
        Assert.Contains("| not 7 |", page, StringComparison.Ordinal);
        Assert.Contains("GET 500 InternalError", page, StringComparison.Ordinal);
        Assert.Contains("the disk is full", page, StringComparison.Ordinal);
        Assert.Contains("- BROKEN errors: 3 (at most 0)", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Space_is_reckoned_from_what_objects_took_once_that_is_known()
    {
        var sizes = new SizeRange(1024, 1024);
        Assert.Equal(4608, DiskNeed.Of(1, sizes, measuredPerObject: 0));
        Assert.Equal(3000, DiskNeed.Of(1, sizes, measuredPerObject: 2000));
        Assert.Empty(DiskNeed.Missing(Path.GetTempPath(), 1));
        Assert.NotEmpty(DiskNeed.Missing(Path.GetTempPath(), long.MaxValue));
    }

    private static ScalingReport Report(Func<ScalingPlateau, ScalingPlateau>? plant = null)
    {
        List<ScalingPlateau> plateaus = [.. ((int[])[10_000, 100_000, 1_000_000, 10_000_000]).Select(objects => new ScalingPlateau(
            objects, objects, 5000, 7, CameToRest: true, Measure(1000), Measure(objects == 10_000_000 ? 1000 : 1900), Measure(objects < 1_000_000 ? 100 : 200_000), 500 * Mebibyte, 600 * Mebibyte, 100, 50, 70 * Mebibyte, 1500, 0, []))];
        plateaus = [.. plateaus.Select(plateau => plant is null ? plateau : plant(plateau))];
        return new ScalingReport(new RunOrigin("machine", "commit", DateTime.UnixEpoch, 0), "1KiB", 16, 5, 3, [10_000, 100_000, 1_000_000, 10_000_000], "", plateaus);

        static ScalingMeasure Measure(double rate) => new(rate, 1, 2, [rate], [rate], 1);
    }
}
