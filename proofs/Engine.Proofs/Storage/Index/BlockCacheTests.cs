using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: blocks that are read again stay, whatever is read once beside them, within the bound. Method: readers of one run that miss and add as a run does.</summary>
public sealed class BlockCacheTests
{
    private const int BlockBytes = 1000;
    private const ulong Run = 7;
    private readonly BlockCache _cache = new(10 * (BlockBytes + 200));

    [Fact]
    public void What_is_read_once_does_not_push_out_what_is_read_again()
    {
        ReadAll(from: 0, count: 10);
        for (int round = 0; round < 20; round++)
        {
            ReadAll(from: 1000 + (round * 50), count: 50);
            Assert.Equal(5, ReadAll(from: 0, count: 5));
        }
    }

    [Fact]
    public void What_is_missed_again_soon_is_kept_and_the_bound_holds()
    {
        ReadAll(from: 0, count: 10);
        Assert.Equal(0, ReadAll(from: 100, count: 5));
        Assert.Equal(0, ReadAll(from: 100, count: 5));
        Assert.Equal(5, ReadAll(from: 100, count: 5));
        Assert.InRange(_cache.SizeBytes, 1, 10 * (BlockBytes + 200));
    }

    [Fact]
    public void A_miss_is_forgotten_after_as_many_as_fit()
    {
        ReadAll(from: 0, count: 10);
        ReadAll(from: 100, count: 1);
        ReadAll(from: 1000, count: 50);
        Assert.Equal(0, ReadAll(from: 100, count: 1));
        Assert.Null(_cache.Find(Run, 100));
    }

    [Fact]
    public void A_run_that_is_gone_leaves_its_room_to_others()
    {
        ReadAll(from: 0, count: 10);
        _cache.Forget(Run);
        Assert.Equal(0, _cache.SizeBytes);
        Assert.Null(_cache.Find(Run, 0));
        Assert.True(_cache.Wants(Run + 1, 0, BlockBytes));
    }

    private int ReadAll(int from, int count)
    {
        int found = 0;
        for (int offset = from; offset < from + count; offset++)
        {
            if (_cache.Find(Run, offset) is not null)
            {
                found++;
            }
            else if (_cache.Wants(Run, offset, BlockBytes))
            {
                _cache.Add(Run, offset, new byte[BlockBytes]);
            }
        }

        return found;
    }
}
