using System;
using Xunit;

namespace ObjectStore.Reports.Proofs;

/// <summary>Figures that others have published with their inputs, computed again.</summary>
public sealed class PublishedFigures
{
    [Fact]
    public void Backblaze_2018_seventeen_plus_three_has_its_eleven_nines_at_its_own_failure_rate()
    {
        (double window, double year) = ClosedForms.BinomialWindow(20, 3, 0.00405, 6.5);
        Near(1.310e-13, window, 1e-3);
        Near(7.354e-12, year, 1e-3);
        Assert.Equal(11, (int)Math.Floor(ClosedForms.Nines(year)));
    }

    [Fact]
    public void Backblaze_by_a_Poisson_count_rounds_to_eleven_nines_and_floors_to_ten()
    {
        (double window, double year) = ClosedForms.PoissonWindow(20, 3, 0.00405, 6.5);
        Near(1.80e-13, window, 5e-3);
        Near(1.01e-11, year, 5e-3);
        Assert.Equal(11, Math.Round(ClosedForms.Nines(year)));
        Assert.Equal(10, Math.Floor(ClosedForms.Nines(year)));
    }

    [Fact]
    public void Backblaze_at_its_failure_rate_of_2025_has_nine_nines()
    {
        const double Rate = 0.0136;
        Near(9.33e-10, ClosedForms.BinomialWindow(20, 3, Rate, 6.5).Year, 5e-3);
        Near(3.41e-12, ClosedForms.BinomialWindow(20, 3, Rate, 1).Year, 5e-3);
    }

    [Fact]
    public void Backblaze_Drive_Stats_2025_give_the_default_failure_rate()
    {
        Assert.Equal(0.013626, Math.Round(new Assumptions().AnnualFailureRate, 6));
    }

    [Theory]
    [InlineData(4, 2, 0.25, 10.6)]
    [InlineData(8, 4, 1, 16.7)]
    [InlineData(12, 4, 1, 15.9)]
    [InlineData(1, 2, 1, 10.7)]
    public void Independent_stripes_at_the_failure_rate_of_2025(int data, int parity, double days, double nines)
    {
        double year = ClosedForms.BinomialWindow(data + parity, parity, new Assumptions().AnnualFailureRate, days).Year;
        Assert.Equal(nines, ClosedForms.Nines(year), 0.06);
    }

    [Theory]
    [InlineData("RAMCloud, random", 2, 0.999996)]
    [InlineData("RAMCloud, copysets", 2, 0.00157)]
    [InlineData("Facebook, window of 10", 10, 0.2281)]
    [InlineData("Facebook, copysets", 10, 0.00781)]
    public void Cidon_et_al_USENIX_ATC_2013_loss_after_one_percent_of_5000_nodes_fail(string placement, int scatter, double published)
    {
        double sets = placement switch
        {
            "RAMCloud, random" => Copysets.OfRandomPlacement(5000, 8000, 3),
            "Facebook, window of 10" => Copysets.OfWindowPlacement(5000, scatter, 3),
            _ => Copysets.OfCopysetPlacement(5000, scatter, 3),
        };
        Near(published, Copysets.LossProbability(5000, 50, 3, sets), 0.02);
    }

    [Theory]
    [InlineData("3x", 3.5e9)]
    [InlineData("6+3", 6.1e11)]
    [InlineData("LRC(6,2,2)", 2.6e12)]
    public void Huang_et_al_USENIX_ATC_2012_mean_years_to_loss(string code, double published)
    {
        Near(published, AzureModel.MeanYearsToLoss(Layout.Parse(code), costFactor: 1), 0.02);
    }

    [Fact]
    public void Huang_et_al_depend_on_the_repair_cost_factor_that_the_paper_leaves_open()
    {
        Near(1.0e11, AzureModel.MeanYearsToLoss(Layout.Parse("6+3"), costFactor: 6), 0.05);
        Near(7.3e11, AzureModel.MeanYearsToLoss(Layout.Parse("LRC(6,2,2)"), costFactor: 3.6), 0.05);
    }

    [Fact]
    public void Huang_et_al_eighty_six_percent_of_four_losses_can_be_decoded()
    {
        Near(0.86, Decodability.LocalReconstruction(6, 2, 2)[4], 0.01);
    }

    [Fact]
    public void Greenan_and_Elerath_single_parity_of_eight_disks_loses_a_quarter_of_a_group_in_a_thousand_in_ten_years()
    {
        double closed = ClosedForms.SingleParityMeanHours(8, 1 / 461_386.0, 1 / 12.0);
        Near(0.276, 1000 * 87_600 / closed, 5e-3);
        var stripe = new StripeModel([8], Decodability.MaximumDistance(8, 1), 1 / 461_386.0, [0, 1 / 12.0]);
        Near(closed, StripeChain.MeanHoursToLoss(stripe), 1e-12);
    }

    [Fact]
    public void Elerath_and_Pecht_DSN_2007_lives_that_age_and_latent_defects_give_2_to_1500_times_the_double_failures_of_the_formula()
    {
        double formula = 1000 * 87_600 / ClosedForms.SingleParityMeanHours(8, 1 / 461_386.0, 1 / 12.0);
        Assert.InRange(new ElerathModel().DoubleFailuresPerThousandGroups(87_600, groups: 3_000, seed: 1) / formula, 2, 1500);
        Assert.InRange(new ElerathModel { LatentHours = double.PositiveInfinity }.DoubleFailuresPerThousandGroups(87_600, 3_000, seed: 1) / formula, 0, 2);
    }

    private static void Near(double expected, double actual, double tolerance) => Assert.True(
        Math.Abs(actual - expected) <= tolerance * Math.Abs(expected), $"published {expected:g6}, computed {actual:g6}, tolerance {tolerance:p2}");
}
