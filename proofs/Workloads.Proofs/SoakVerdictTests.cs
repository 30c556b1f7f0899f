using System.Collections.Generic;
using System.Linq;
using ObjectStore.Workloads.Load.Soak;
using Xunit;

namespace ObjectStore.Workloads.Proofs;

/// <summary>Goal: a leak is seen and a steady server is not blamed. Method: made-up samples with one planted growth each.</summary>
public sealed class SoakVerdictTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void A_steady_server_passes() => Assert.All(new SoakVerdict().Judge(Report()), static result => Assert.True(result.Held, result.ToString()));

    [Fact]
    public void Warming_up_is_no_leak() =>
        Assert.All(new SoakVerdict().Judge(Report(memory: static at => at < 30 ? 100 : 300)), static result => Assert.True(result.Held, result.ToString()));

    [Theory]
    [InlineData("memory")]
    [InlineData("handles")]
    [InlineData("threads")]
    [InlineData("disk")]
    [InlineData("errors")]
    [InlineData("requests")]
    public void A_planted_leak_breaks_its_limit_alone(string planted)
    {
        SoakReport report = planted switch
        {
            "memory" => Report(memory: static at => 100 + (2 * at)),
            "handles" => Report(handles: static at => 100 + at),
            "threads" => Report(threads: static at => 30 + at),
            "disk" => Report(disk: static at => 50 + (2 * at)),
            "errors" => Report() with { Errors = 1 },
            _ => Report() with { Operations = 0 },
        };
        Assert.Contains(planted, Assert.Single(new SoakVerdict().Judge(report), static result => !result.Held).Name, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_too_short_to_tell_does_not_pass() =>
        Assert.Contains(new SoakVerdict().Judge(Report() with { Samples = [] }), static result => !result.Held);

    private static SoakReport Report(
        System.Func<int, int>? memory = null, System.Func<int, int>? handles = null, System.Func<int, int>? threads = null, System.Func<int, int>? disk = null)
    {
        List<SoakSample> samples = [.. Enumerable.Range(0, 90).Select(at => new SoakSample(
            at, at % 10 == 9 ? "empty" : "load", Mebibyte * (memory?.Invoke(at) ?? 200 + (at % 7)), handles?.Invoke(at) ?? 100, threads?.Invoke(at) ?? 30, Mebibyte * (disk?.Invoke(at) ?? 64)))];
        return new SoakReport(80, 9, 1000, 0, samples);
    }
}
