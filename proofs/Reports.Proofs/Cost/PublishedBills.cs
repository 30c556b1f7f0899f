using System.Linq;
using Xunit;

namespace ObjectStore.Reports.Proofs;

/// <summary>Bills that others have published, to the cent.</summary>
public sealed class PublishedBills
{
    private readonly PriceBook _prices = PriceBook.Read();

    [Fact]
    public void S3_FAQ_Express_example_1_is_2_58()
    {
        const decimal PerGigabyte = 10m / 1_048_576;
        var use = new MonthlyUse
        {
            Class = "EXPRESS_ONEZONE",
            GigabyteMonths = 10,
            Puts = 1_000_000,
            Gets = 9_000_000,
            UploadedGigabytes = PerGigabyte * 1_000_000,
            RetrievedGigabytes = PerGigabyte * 9_000_000,
        };
        Assert.Equal([1.10m, 1.13m, 0.27m, 0.03m, 0.05m], Bill.Of(_prices, use).Select(line => Bill.Cents(line.Amount)));
        Assert.Equal(2.58m, Bill.Cents(Bill.Total(Bill.Of(_prices, use))));
    }

    /// <summary>The page's 3,303.77 GB-months are its own rounding; its byte-hours over 744 hours are 3,303.23.</summary>
    [Fact]
    public void S3_FAQ_Express_example_2_has_its_three_lines()
    {
        var use = new MonthlyUse { Class = "EXPRESS_ONEZONE", GigabyteMonths = 3303.77m, Puts = 5_242_880 * 30m, Gets = 10_485_760 * 30m };
        Assert.Equal([363.41m, 177.73m, 9.44m], Bill.Of(_prices, use).Select(line => Bill.Cents(line.Amount)));
        Assert.Equal(3303.23m, Bill.Cents(2_638_827_906_662_400m / 1_073_741_824 / 744));
    }

    [Fact]
    public void S3_FAQ_storage_of_March_is_52_900_gigabyte_months_and_1_215_00()
    {
        const decimal Months = 42_259_901_212_262_400m / 1_073_741_824 / 744;
        Assert.Equal(52_900m, Months);
        Assert.Equal(1215.00m, Bill.Cents(Bill.Total(Bill.Of(_prices, new MonthlyUse { GigabyteMonths = Months }))));
    }

    [Fact]
    public void Repost_restore_of_15_million_objects_and_102_400_GB_is_1_774_and_150_000_in_expedited_requests()
    {
        var use = new MonthlyUse { Class = "GLACIER", RestoredObjects = 15_000_000, RetrievedGigabytes = 102_400 };
        Assert.Equal(1774.00m, Bill.Cents(Bill.Total(Bill.Of(_prices, use))));
        Assert.Equal(150_000m, Bill.Of(_prices, use with { Expedited = true }).Single(line => line.What == "restore requests").Amount);
    }

    [Fact]
    public void A_hundred_million_small_objects_cost_5_000_to_move_at_five_cents_a_thousand()
    {
        Assert.Equal(5_000m, Bill.Total(Bill.Of(_prices, new MonthlyUse { Class = "DEEP_ARCHIVE", TransitionsIn = 100_000_000 })));
    }

    [Fact]
    public void Every_price_has_a_source_and_a_date() => Assert.All(_prices.Classes, c => Assert.True(c.Source.Length > 10 && c.Date.Length >= 7));

    [Fact]
    public void A_price_that_is_off_by_a_tenth_of_a_cent_changes_a_published_bill()
    {
        PriceBook wrong = _prices with { Classes = [.. _prices.Classes.Select(c => c.Name == "GLACIER" ? c with { RetrievalPerGigabyte = 0.011m } : c)] };
        Assert.NotEqual(1774.00m, Bill.Total(Bill.Of(wrong, new MonthlyUse { Class = "GLACIER", RestoredObjects = 15_000_000, RetrievedGigabytes = 102_400 })));
    }
}
