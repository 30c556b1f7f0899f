using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace ObjectStore.Reports.Proofs;

public sealed class EdgeCacheProofs
{
    [Theory]
    [InlineData(2000, 50, 0.9)]
    [InlineData(2000, 400, 0.7)]
    [InlineData(5000, 250, 1.1)]
    public void The_hit_ratio_is_that_of_a_simulated_cache_of_least_recently_used_objects(int objects, int cached, double zipf) =>
        ChainProofs.Close(Simulated(objects, cached, zipf), EdgeCache.HitRatio(objects, cached, zipf), 0.02);

    [Fact]
    public void A_larger_cache_never_hits_less_and_the_whole_set_always_hits()
    {
        double[] ratios = [.. new long[] { 0, 10, 1_000, 100_000, 9_999_999, 10_000_000 }.Select(cached => EdgeCache.HitRatio(10_000_000, cached, 0.9))];
        Assert.Equal(ratios.Order(), ratios);
        Assert.Equal(0, ratios[0]);
        Assert.Equal(1, ratios[^1]);
    }

    [Fact]
    public void Without_a_cache_the_reads_cost_what_the_price_book_says()
    {
        PriceBook prices = PriceBook.Read();
        EdgeCost none = EdgeCache.Costs(prices, "STANDARD", 1000, 1_000_000, 1000, 1_000_000, 0.9, new EdgePrices())[0];
        Assert.Equal((1_000_000m / 1000 * prices["STANDARD"].GetPer1000) + (1000 * prices.TransferOutPerGigabyte.Price), none.Total);
    }

    [Fact]
    public void The_cheapest_layout_for_wanted_nines_has_them_and_none_cheaper_does()
    {
        SelfRunCost[] all = [.. new DurabilityScenario().Layouts.Select(text => SelfRunCost.Of(Layout.Parse(text), new Assumptions(), new SelfRunPrices()))];
        SelfRunCost best = SelfRunCost.Cheapest(all, 11)!;
        Assert.True(best.Nines >= 11);
        Assert.DoesNotContain(all, other => other.Nines >= 11 && other.Total < best.Total);
        Assert.Null(SelfRunCost.Cheapest(all, 99));
    }

    private static double Simulated(int objects, int cached, double zipf)
    {
        double[] cumulative = new double[objects];
        double total = 0;
        for (int rank = 0; rank < objects; rank++)
        {
            cumulative[rank] = total += Math.Pow(rank + 1, -zipf);
        }

        var random = new Random(3);
        var order = new LinkedList<int>();
        var inCache = new Dictionary<int, LinkedListNode<int>>();
        int hits = 0;
        const int Warm = 100_000;
        const int Reads = 400_000;
        for (int read = 0; read < Warm + Reads; read++)
        {
            int at = Array.BinarySearch(cumulative, random.NextDouble() * total);
            int item = at < 0 ? ~at : at;
            if (inCache.TryGetValue(item, out LinkedListNode<int>? node))
            {
                hits += read >= Warm ? 1 : 0;
                order.Remove(node);
                order.AddFirst(node);
                continue;
            }

            inCache[item] = order.AddFirst(item);
            if (inCache.Count > cached)
            {
                inCache.Remove(order.Last!.Value);
                order.RemoveLast();
            }
        }

        return (double)hits / Reads;
    }
}
