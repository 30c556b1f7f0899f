using System;
using System.Linq;
using Xunit;

namespace ObjectStore.Reports.Proofs;

/// <summary>Independent routes to one number agree. The whole set with tighter intervals: the command `simulate`.</summary>
public sealed class AgreementProofs
{
    public static TheoryData<int> CaseNumbers => [.. Enumerable.Range(0, Agreement.Cases.Count)];

    [Theory]
    [MemberData(nameof(CaseNumbers))]
    public void Closed_form_chain_and_failure_biasing_agree(int number)
    {
        (string code, double rate, double rebuild) = Agreement.Cases[number];
        AgreementRow row = Agreement.Compare(code, rate, rebuild, cycles: 60_000, trialsPerLevel: 20, seed: 7);
        ChainProofs.Close(row.ClosedForm, row.Chain, 1e-9);
        Within(row.Chain, row.Biased, 2.5);
    }

    [Theory]
    [InlineData("4+1", 0.3, 100)]
    [InlineData("6+3", 0.3, 100)]
    [InlineData("10+4", 0.2, 100)]
    [InlineData("LRC(6,2,2)", 0.3, 100)]
    public void Chain_and_splitting_agree(string code, double rate, double rebuild)
    {
        StripeModel model = Agreement.Model(code, rate, rebuild);
        Within(DurabilityResult.YearlyLoss(model), Splitting.Estimate(model, 400_000, seed: 3), 2.5);
    }

    [Theory]
    [InlineData("4+2@3")]
    [InlineData("9+6@3")]
    [InlineData("3x@3")]
    public void Failure_biasing_agrees_with_the_lumped_chain_under_all_causes(string layout)
    {
        StripeModel model = new Assumptions { RebuildHours = 24, ShardMegabytes = 1000, ZoneDestroyedPerYear = 1e-4 }.Stripe(Layout.Parse(layout));
        Within(DurabilityResult.YearlyLoss(model), FailureBiasing.Estimate(model, 300_000, seed: 11), 2.5);
    }

    [Fact]
    public void Splitting_agrees_with_the_lumped_chain_under_common_shocks_and_zone_losses()
    {
        StripeModel model = new Assumptions { AnnualFailureRate = 0.3, RebuildHours = 100, ShardMegabytes = 1_000_000, ZoneDestroyedPerYear = 0.1, ShocksPerYear = 1, ShockKillShare = 0.1 }
            .Stripe(Layout.Parse("4+2@3"));
        Within(DurabilityResult.YearlyLoss(model), Splitting.Estimate(model, 200_000, seed: 5), 2.5);
    }

    [Fact]
    public void A_failure_rate_that_is_a_tenth_too_high_falls_out_of_both_intervals()
    {
        StripeModel right = Agreement.Model("6+3", 0.3, 100);
        StripeModel wrong = right with { ShardFailuresPerHour = right.ShardFailuresPerHour * 1.1 };
        double chain = DurabilityResult.YearlyLoss(wrong);
        Assert.ThrowsAny<Exception>(() => Within(chain, FailureBiasing.Estimate(right, 400_000, seed: 3), 2.5));
        Assert.ThrowsAny<Exception>(() => Within(chain, Splitting.Estimate(right, 800_000, seed: 3), 2.5));
    }

    [Fact]
    public void The_same_seed_gives_the_same_estimate()
    {
        StripeModel model = Agreement.Model("4+2", 0.3, 100);
        Assert.Equal(FailureBiasing.Estimate(model, 2_000, 1), FailureBiasing.Estimate(model, 2_000, 1));
        Assert.NotEqual(FailureBiasing.Estimate(model, 2_000, 1), FailureBiasing.Estimate(model, 2_000, 2));
    }

    private static void Within(double expected, RareEstimate estimate, double slack)
    {
        Interval interval = estimate.YearlyLoss;
        Assert.True(
            Math.Abs(expected - interval.Value) <= slack * (interval.High - interval.Low) / 2 && interval.RelativeError < 0.5,
            $"{estimate.Method}, seed {estimate.Seed}: {interval.Low:g4} .. {interval.Value:g4} .. {interval.High:g4}, expected {expected:g4}");
    }
}
