using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace ObjectStore.Reports.Proofs;

public sealed class CostProofs
{
    private static readonly string[] Codes = ["10+4@3", "9+6@3", "3x@3", "4+2@3"];

    private readonly PriceBook _prices = PriceBook.Read();

    [Fact]
    public void Small_objects_are_charged_for_128_KiB_in_the_infrequent_classes_and_for_their_index_in_the_archive_ones()
    {
        // 1,000,000 objects of 1 KiB.
        decimal gigabytes = 1024m * 1_000_000 / 1_073_741_824;
        decimal In(string name) => Bill.Total(Bill.Of(_prices, new MonthlyUse { Class = name, GigabyteMonths = gigabytes, Objects = 1_000_000 }));
        Assert.Equal(128 * gigabytes * 0.0125m, In("STANDARD_IA"), 9);
        Assert.Equal((33 * gigabytes * 0.0036m) + (8 * gigabytes * 0.023m), In("GLACIER"), 9);
        Assert.True(In("STANDARD") < In("STANDARD_IA"));
        Assert.Equal(gigabytes * 0.023m, In("INTELLIGENT_TIERING"), 9);
    }

    [Fact]
    public void Expiration_wins_over_a_transition_of_the_same_day()
    {
        var scenario = new CostScenario { ExpireAfterDays = 90 };
        Assert.Equal("STANDARD_IA", LifecycleSimulation.ClassAt(scenario, "STANDARD", scenario.Lifecycle, 60));
        Assert.Null(LifecycleSimulation.ClassAt(scenario, "STANDARD", scenario.Lifecycle, 90));
    }

    [Fact]
    public void Leaving_a_class_before_its_minimum_days_costs_the_rest()
    {
        var scenario = new CostScenario { Months = 4, ExpireAfterDays = 60, UploadGigabytesPerMonth = 1000, UploadObjectsPerMonth = 1000 };
        IReadOnlyList<MonthCost> months = LifecycleSimulation.Run(_prices, scenario, "GLACIER_IR", []);
        Assert.Equal([0, 0, 1000 * 0.004m, 1000 * 0.004m], months.Select(m => m.EarlyDeletion));
    }

    [Fact]
    public void Intelligent_tiering_moves_what_nobody_reads_after_one_and_three_months()
    {
        var scenario = new CostScenario { Months = 5, UploadGigabytesPerMonth = 1000, UploadObjectsPerMonth = 1000, ReadShareFirstMonth = 0, ExpireAfterDays = null };
        IReadOnlyList<MonthCost> months = LifecycleSimulation.Run(_prices, scenario, "INTELLIGENT_TIERING", []);
        decimal Cohorts(int month) => Enumerable.Range(0, month + 1).Sum(age => 0.0025m + (1000 * (age == 0 ? 0.023m : age < 3 ? 0.0125m : 0.004m)));
        Assert.Equal(Enumerable.Range(0, 5).Select(Cohorts), months.Select(m => m.Storage));
    }

    [Fact]
    public void Storage_price_alone_recommends_what_costs_more()
    {
        Assert.Equal("DEEP_ARCHIVE", Recommendation.ByStoragePriceAlone(_prices));
        string Best(decimal gigabytes, decimal kept, decimal reads) =>
            Recommendation.Costs(_prices, new StoredSet("x", "STANDARD", gigabytes, 1_000_000, kept, reads))[0].Class;
        Assert.Equal("STANDARD", Best(10, 12, 0));
        Assert.Equal("STANDARD", Best(5_000, 12, 4));
        Assert.Equal("DEEP_ARCHIVE", Best(100_000, 84, 0));
    }

    [Fact]
    public void The_front_holds_nothing_that_another_beats_in_both()
    {
        SelfRunCost[] all = [.. Codes.Select(t => SelfRunCost.Of(Layout.Parse(t), new Assumptions(), new SelfRunPrices()))];
        IReadOnlyList<SelfRunCost> front = SelfRunCost.ParetoFront(all);
        Assert.All(front, f => Assert.DoesNotContain(all, other => other.Total < f.Total && other.Nines > f.Nines));
        Assert.DoesNotContain(front, f => f.Layout.Code == "3x");
    }
}
