using System;
using System.Linq;
using Xunit;

namespace ObjectStore.Reports.Proofs;

public sealed class AvailabilityProofs
{
    private static readonly Assumptions ZonesOnly = new() { NodeOutageHoursPerYear = 0, RackOutageHoursPerYear = 0, RegionOutageHoursPerYear = 0, ZoneOutageHoursPerYear = 8.766 };

    [Fact]
    public void One_zone_is_down_when_its_zone_is() => ChainProofs.Close(8.766, Availability.UnreadableHours(Layout.Parse("10+4@1"), ZonesOnly), 1e-9);

    [Fact]
    public void Ten_plus_four_over_three_zones_is_down_with_either_of_the_zones_that_hold_five_and_nine_plus_six_only_with_two_zones()
    {
        const double Share = 1e-3;
        ChainProofs.Close(1 - Math.Pow(1 - Share, 2), Availability.UnreadableHours(Layout.Parse("10+4@3"), ZonesOnly) / 8766, 1e-9);
        ChainProofs.Close((3 * Share * Share * (1 - Share)) + Math.Pow(Share, 3), Availability.UnreadableHours(Layout.Parse("9+6@3"), ZonesOnly) / 8766, 1e-9);
    }

    [Fact]
    public void With_a_zone_gone_nine_plus_six_reads_and_ten_plus_four_does_not()
    {
        var a = new Assumptions();
        Assert.Equal(8766, Availability.UnreadableHours(Layout.Parse("10+4@3"), a, zoneGone: true));
        Assert.InRange(Availability.UnreadableHours(Layout.Parse("9+6@3"), a, zoneGone: true), 4, 5);
    }

    [Fact]
    public void Single_boxes_follow_the_binomial()
    {
        Assumptions a = ZonesOnly with { ZoneOutageHoursPerYear = 0, NodeOutageHoursPerYear = 876.6 };
        double two = Enumerable.Range(2, 2).Sum(j => MathNet.Numerics.SpecialFunctions.Binomial(3, j) * Math.Pow(0.1, j) * Math.Pow(0.9, 3 - j));
        ChainProofs.Close(two, Availability.UnreadableHours(Layout.Parse("2+1@1"), a) / 8766, 1e-9);
    }

    [Fact]
    public void A_stripe_of_copies_is_lost_in_a_burst_as_the_copysets_paper_counts_it()
    {
        double one = Copysets.StripeLoss(5000, 50, 3, 2);
        ChainProofs.Close(Copysets.LossProbability(5000, 50, 3, Copysets.OfRandomPlacement(5000, 8000, 3)), FleetSection.AnyLost(one, 5000 * 8000 / 3.0), 1e-3);
    }

    [Fact]
    public void A_scrub_that_misses_half_leaves_errors_three_times_as_long()
    {
        StripeModel full = new Assumptions().Stripe(Layout.Parse("4+2@3"));
        StripeModel half = new Assumptions { ScrubCoverage = 0.5 }.Stripe(Layout.Parse("4+2@3"));
        ChainProofs.Close(full.ScrubFindsPerHour / 3, half.ScrubFindsPerHour, 1e-12);
    }

    [Fact]
    public void Nodes_and_racks_destroyed_are_terms_of_their_own()
    {
        double Loss(Assumptions a) => DurabilityResult.Of(Layout.Parse("4+2@6"), a).WithZones.Value;
        double none = Loss(new Assumptions { NodeDestroyedPerYear = 0, RackDestroyedPerYear = 0 });
        Assert.True(Loss(new Assumptions { NodeDestroyedPerYear = 1e-2, RackDestroyedPerYear = 0 }) > none);
        Assert.True(Loss(new Assumptions { NodeDestroyedPerYear = 0, RackDestroyedPerYear = 1e-2 }) > none);
    }
}
