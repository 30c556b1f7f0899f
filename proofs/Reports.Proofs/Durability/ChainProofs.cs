using System;
using System.Linq;
using CsCheck;
using Xunit;

namespace ObjectStore.Reports.Proofs;

public sealed class ChainProofs
{
    private static readonly string[] Conditions = ["1.363 % a year", "rebuilt in", "correlation:", "95 % interval"];

    [Theory]
    [InlineData(1, 1e-5, 1.0)]
    [InlineData(4, 1e-6, 0.1)]
    [InlineData(10, 1e-7, 10.0)]
    public void State_reduction_equals_the_birth_death_formula_far_below_the_rounding_of_a_double(int parity, double failure, double repair)
    {
        int shards = 10 + parity;
        double[] failures = [.. Enumerable.Range(0, parity + 1).Select(lost => (shards - lost) * failure)];
        double[] repairs = [.. Enumerable.Range(0, parity + 1).Select(lost => lost * repair)];
        var stripe = new StripeModel([shards], Decodability.MaximumDistance(shards, parity), failure, repairs);
        Close(ClosedForms.BirthDeathMeanHours(failures, repairs), StripeChain.MeanHoursToLoss(stripe), 1e-12);
    }

    [Fact]
    public void A_rate_that_is_wrong_by_one_part_in_ten_thousand_is_noticed()
    {
        var right = new StripeModel([14], Decodability.MaximumDistance(14, 4), 1e-6, [0, 0.1, 0.2, 0.3, 0.4]);
        StripeModel wrong = right with { RepairsPerHour = [0, 0.1, 0.20002, 0.3, 0.4] };
        double closed = ClosedForms.BirthDeathMeanHours([14e-6, 13e-6, 12e-6, 11e-6, 10e-6], [0, 0.1, 0.2, 0.3, 0.4]);
        Close(closed, StripeChain.MeanHoursToLoss(right), 1e-12);
        Assert.ThrowsAny<Exception>(() => Close(closed, StripeChain.MeanHoursToLoss(wrong), 1e-5));
    }

    [Fact]
    public void The_yearly_loss_equals_uniformisation_of_the_whole_chain()
    {
        StripeModel stripe = new Assumptions { AnnualFailureRate = 0.3, RebuildHours = 200, RepairOrder = RepairOrder.Serial }.Stripe(Layout.Parse("4+2@3"));
        AbsorbingChain chain = StripeChain.Build(stripe);
        double tail = ClosedForms.LossWithin(Assumptions.HoursPerYear, chain.MeanHoursToLoss());

        // The exponential tail ignores the first repair times, in which the stripe is still younger than its steady state.
        Close(chain.LossProbability(Assumptions.HoursPerYear), tail, 0.06);
        StripeModel rare = new Assumptions { RebuildHours = 10 }.Stripe(Layout.Parse("10+4@3"));
        AbsorbingChain rareChain = StripeChain.Build(rare);
        Close(rareChain.LossProbability(Assumptions.HoursPerYear), ClosedForms.LossWithin(Assumptions.HoursPerYear, rareChain.MeanHoursToLoss()), 0.005);
    }

    [Fact]
    public void Lumping_interchangeable_zones_changes_nothing()
    {
        // {2, 2, 2} is lumped; {2, 2, 2} with one zone given an empty fourth beside it is lumped differently, and must agree.
        StripeModel lumped = new Assumptions().Stripe(Layout.Parse("4+2@3"));
        StripeModel other = lumped with { DomainShards = [0, 2, 2, 2] };
        Close(StripeChain.MeanHoursToLoss(lumped), StripeChain.MeanHoursToLoss(other), 1e-12);
    }

    [Fact]
    public void More_parity_less_failure_and_faster_repair_never_lose_more()
    {
        Gen.Select(Gen.Double[0.001, 0.1], Gen.Double[0.5, 200], Gen.Int[1, 6]).Sample((rate, rebuild, parity) =>
        {
            Assumptions a = new() { AnnualFailureRate = rate, RebuildHours = rebuild };
            double Loss(Assumptions at, int m) => DurabilityResult.YearlyLoss(at.Stripe(Layout.Parse($"6+{m}@3")));
            double loss = Loss(a, parity);
            return Loss(a with { AnnualFailureRate = rate * 1.1 }, parity) >= loss && Loss(a with { RebuildHours = rebuild * 1.1 }, parity) >= loss;
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void Ten_plus_four_over_three_zones_is_lost_with_a_zone_and_nine_plus_six_is_not()
    {
        Assert.False(Layout.Parse("10+4@3").ReadsThroughZoneLoss);
        Assert.True(Layout.Parse("9+6@3").ReadsThroughZoneLoss);
        Assert.Equal(1, Layout.Parse("9+6@3").SpareInZoneLoss);
        Assumptions a = new() { ZoneDestroyedPerYear = 1e-4 };
        Close(2e-4, DurabilityResult.Of(Layout.Parse("10+4@3"), a).WithZones.Value, 0.01);
        Assert.True(DurabilityResult.Of(Layout.Parse("9+6@3"), a).WithZones.Value < 1e-9);
        Close(1e-4, DurabilityResult.Of(Layout.Parse("10+4@1"), a).WithZones.Value, 0.01);
    }

    [Fact]
    public void Schroeder_and_Gibson_FAST_2007_lives_that_vary_more_than_exponential_have_a_Weibull_shape_below_one()
    {
        Close(1, DiskAges.SquaredVariation(1), 1e-12);
        Assert.InRange(DiskAges.SquaredVariation(0.67), 2.3, 2.6);
        Assert.True(DiskAges.SquaredVariation(1.5) < 1);
    }

    [Fact]
    public void Ford_et_al_OSDI_2010_correlated_bursts_cost_nines_that_independent_models_promise()
    {
        DurabilityResult result = DurabilityResult.Of(Layout.Parse("17+3@20"), new Assumptions());
        Assert.True(result.WithShocks > 100 * result.WithLatent);
    }

    [Fact]
    public void Nines_are_never_written_without_their_conditions()
    {
        var scenario = new DurabilityScenario { Layouts = ["4+2@3", "3x@3"] };
        string html = DurabilityReport.Html(scenario, DurabilityReport.Results(scenario));
        Assert.All(Conditions, part => Assert.Contains(part, html, StringComparison.Ordinal));
        Assert.DoesNotContain("OxyPlot exception", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fleet_loses_at_most_what_its_objects_expect()
    {
        Close(1e-6, FleetSection.AnyLost(1e-15, 1e9), 1e-5);
        Close(1 - Math.Exp(-1), FleetSection.AnyLost(1e-9, 1e9), 1e-6);
    }

    [Fact]
    public void Exponentials_of_the_framework_lose_what_these_keep()
    {
        Close(1e-18, ClosedForms.Expm1(1e-18), 1e-12);
        Close(1e-18, ClosedForms.LossWithin(1e-18, 1), 1e-12);
        Close(3e-17, DurabilityResult.AnyOf(1e-17, 2e-17), 1e-12);
    }

    internal static void Close(double expected, double actual, double tolerance) => Assert.True(
        Math.Abs(actual - expected) <= tolerance * Math.Abs(expected), $"expected {expected:g12}, got {actual:g12}");
}
