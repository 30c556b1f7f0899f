using System.Linq;
using Xunit;

namespace ObjectStore.Reports.Proofs;

/// <summary>
/// SimEDC's README: 16 racks of 8 nodes, RS(9,6): blocked ratio 4.43e-4 flat, 4.175e-4 hierarchical. It does not say which of the program's switches were set, nor how
/// often it ran; four runs is the program's default, and fits figures that are multiples of a quarter of the last digit printed for one run.
/// </summary>
public sealed class SimEdcProofs
{
    private const double Flat = 4.43e-4;
    private const double Hierarchical = 4.175e-4;

    [Fact]
    public void Zhang_et_al_SimEDC_the_blocked_ratio_of_the_flat_placement_is_met_within_a_tenth() => ChainProofs.Close(Flat, new BlockedRatio().Expected(), 0.1);

    [Fact]
    public void Zhang_et_al_SimEDC_both_blocked_ratios_lie_within_what_four_runs_scatter()
    {
        double[] means = MeansOfFour(new BlockedRatio(), 400);
        Assert.InRange(Flat, means[10], means[^11]);
        Assert.InRange(Hierarchical, means[10], means[^11]);

        // The scatter is wide: four runs could not tell the two placements apart.
        Assert.True(means[^11] / means[10] > 1.5);
    }

    [Fact]
    public void Simulated_and_expected_blocked_ratios_agree()
    {
        var model = new BlockedRatio();
        ChainProofs.Close(model.Expected(), MeansOfFour(model, 400).Average(), 0.03);
    }

    [Theory]
    [InlineData(10.486)]
    [InlineData(6.991)]
    public void Permanent_failures_repaired_over_the_network_alone_do_not_give_the_published_figures(double repairHours)
    {
        // 3,072 chunks of 256 MiB a disk, 6 (flat) or 4 (hierarchical) of the others read over 125 MiB/s: the stored program's defaults, transient failures off.
        double[] means = MeansOfFour(new BlockedRatio { Transient = false, RepairHours = repairHours }, 100);
        Assert.DoesNotContain(means, mean => mean > Hierarchical);
    }

    private static double[] MeansOfFour(BlockedRatio model, int count)
    {
        var random = new SplitMix(5);
        double[] means = new double[count];
        for (int i = 0; i < count; i++)
        {
            for (int run = 0; run < 4; run++)
            {
                means[i] += model.OneLife(ref random) / 4;
            }
        }

        return [.. means.Order()];
    }
}
