using System;
using Xunit;

namespace ObjectStore.Reports.Proofs;

/// <summary>
/// Ceph's published reliability model against the figures that its own exerciser demands of it: products of plain rates, each with the tolerance stated there.
/// Source: ceph/ceph-tools, models/reliability/test.py; the number in a row is the one of that file.
/// </summary>
public sealed class CephProofs
{
    private const double Year = 8766;
    private const double PlainFailure = 826 * Year / 1e9;
    private static readonly CephModel Test = new()
    {
        DiskBytes = 1e12,
        DiskFit = 826,
        UnreadablePerBit = 1e-15,
        RecoveryBytesPerSecond = 1e8,
        ObjectBytes = 1e6,
        Declustering = 100,
        Fullness = 0.75,
        MarkOutHours = 0,
    };

    private static double One => CephModel.Fails(826, Year, 1);

    private static double Second => (Test with { Copies = 2 }).DriveLoss() / (2 * One);

    private static double Unreadable => (Test with { Copies = 1 }).UnreadableLoss() / One;

    [Fact]
    public void Test_1A_and_3A_one_disk_fails_at_its_rate()
    {
        Near(PlainFailure, One, 0.005);
        Near(PlainFailure, (Test with { Copies = 1 }).DriveLoss(), 0.005);
    }

    [Fact]
    public void Test_3B_and_3D_one_copy_adds_the_unreadable_bits_of_its_recovery()
    {
        Near(One * 1e-15 * 0.75 * 1e12 * 8, (Test with { Copies = 1 }).UnreadableLoss(), 0.01);
        Near(One + (One * Unreadable), (Test with { Copies = 1, ObjectBytes = 1e18 }).ObjectLoss(), 0.01);
    }

    [Fact]
    public void Test_3F_to_3H_two_copies()
    {
        double recovery = 0.75 * 1e12 / (1e8 * 100 * 3600);
        CephModel two = Test with { Copies = 2 };
        Near(2 * One * One * 100 * recovery / Year, two.DriveLoss(), 0.005);
        Near(0.75e12 / 200, two.LossFraction * two.DiskBytes * two.Fullness, 1e-12);
        Near((2 * One * Second / 200) + (2 * One * 2 * Unreadable * 1e6 / 0.75e12), two.ObjectLoss(), 0.01);
    }

    [Fact]
    public void Test_3J_3L_and_3N_three_copies()
    {
        CephModel three = Test with { Copies = 3 };
        Near(3 * One * 2 * Second * Second, three.DriveLoss(), 0.005);
        Near(3 * One * 2 * Second * 2 * Unreadable, three.UnreadableLoss(), 0.01);
        Near((3 * One * 2 * Second * Second / 200) + (3 * One * 2 * Second * 2 * Unreadable * 1e6 / 0.75e12), three.ObjectLoss(), 0.04);
    }

    [Fact]
    public void Test_3R_to_3X_speed_period_mark_out_stripes_declustering_and_fullness()
    {
        CephModel two = Test with { Copies = 2 };
        double loss = two.DriveLoss();
        Near(2 * loss, (two with { RecoveryBytesPerSecond = 5e7 }).DriveLoss(), 0.005);
        Near(2 * loss, two.DriveLoss(2 * Year), 0.01);
        Near(2 * loss, (two with { MarkOutHours = two.RecoveryHours }).DriveLoss(), 0.005);
        Near(8 * loss, (two with { StripeLength = 8 }).DriveLoss(), 0.05);
        Near(loss, (two with { Declustering = 50 }).DriveLoss(), 0.005);
        Near(loss / 2, (two with { Fullness = 0.375 }).DriveLoss(), 0.005);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Test_5D_to_5H_sites_lost_before_one_is_replaced(int sites)
    {
        double first = CephModel.Fails(1000, Year, 1);
        double expected = sites * first;
        for (int left = sites - 1; left >= 1; left--)
        {
            expected *= left * first * 480 / Year;
        }

        Near(expected, CephModel.SiteLoss(1000, sites, replaceHours: 480), 0.005);
    }

    [Fact]
    public void Defaults_promise_more_than_four_nines_only_while_the_site_is_forgotten()
    {
        var defaults = new CephModel { Copies = 3 };
        Assert.True(ClosedForms.Nines(defaults.ObjectLoss()) > 9);

        // One disaster in a thousand years, the default of Config.py: three nines whatever the copies.
        Assert.InRange(ClosedForms.Nines(CephModel.SiteLoss(0.001 * 1e9 / Year, sites: 1, replaceHours: 720)), 2.9, 3.1);
    }

    [Fact]
    public void A_model_that_forgets_one_copy_is_noticed() =>
        Assert.ThrowsAny<Exception>(() => Near(3 * One * 2 * Second * Second, (Test with { Copies = 2 }).DriveLoss(), 0.005));

    private static void Near(double expected, double actual, double tolerance) => ChainProofs.Close(expected, actual, tolerance);
}
