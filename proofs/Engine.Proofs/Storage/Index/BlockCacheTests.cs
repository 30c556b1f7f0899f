using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: blocks that are read again stay, whatever is read once beside them, within the bound. Method: readers of runs that miss and add as a run does.</summary>
public sealed class BlockCacheTests
{
    private const int BlockBytes = 1000;
    private const int BlocksMax = 400;
    private readonly BlockCache _cache = new(BlocksMax * (BlockBytes + CachedBlock.EntryCostBytes), BlockBytes);
    private readonly RunBlocks _run;

    public BlockCacheTests() => _run = new RunBlocks(_cache, 7);

    [Fact]
    public void What_is_read_once_does_not_push_out_what_is_read_again()
    {
        ReadAll(from: 0, count: BlocksMax);
        for (int round = 0; round < 20; round++)
        {
            ReadAll(from: 1000 + (round * 2000), count: 2000);
            Assert.Equal(200, ReadAll(from: 0, count: 200));
        }
    }

    [Fact]
    public void What_is_missed_again_soon_is_kept_and_the_bound_holds()
    {
        ReadAll(from: 0, count: BlocksMax);
        Assert.Equal(0, ReadAll(from: 1000, count: 5));
        Assert.Equal(0, ReadAll(from: 1000, count: 5));
        Assert.Equal(5, ReadAll(from: 1000, count: 5));
        Assert.Equal(BlocksMax, CountKept());
    }

    [Fact]
    public void What_was_not_used_goes_first()
    {
        ReadAll(from: 0, count: BlocksMax);
        Assert.Equal(100, ReadAll(from: 30, count: 100));
        for (int offset = 1000; offset < 1300; offset++)
        {
            _run.Add(offset, new byte[BlockBytes]);
        }

        Assert.Equal(100, ReadAll(from: 30, count: 100));
        Assert.Equal(BlocksMax, CountKept());
    }

    [Fact]
    public void When_all_were_used_the_hand_comes_round_and_the_bound_holds()
    {
        ReadAll(from: 0, count: BlocksMax);
        Assert.Equal(BlocksMax, ReadAll(from: 0, count: BlocksMax));
        _run.Add(1000, new byte[BlockBytes]);
        Assert.NotNull(_run.Find(1000));
        Assert.Equal(BlocksMax, CountKept());
    }

    [Fact]
    public void A_miss_is_forgotten_after_some_times_as_many_as_fit()
    {
        ReadAll(from: 0, count: BlocksMax);
        ReadAll(from: 1000, count: 1);
        ReadAll(from: 2000, count: 3 * BlocksMax);
        Assert.Equal(0, ReadAll(from: 1000, count: 1));
        Assert.Null(_run.Find(1000));
    }

    [Fact]
    public void What_is_drawn_from_far_more_than_fits_comes_in_seldom()
    {
        ReadAll(from: 0, count: BlocksMax);
        int taken = 0;
        for (int read = 0; read < 20_000; read++)
        {
            int offset = 1000 + (int)(StableHash.Compute((ulong)read, 1) % (10 * BlocksMax));
            taken += _run.Find(offset) is null && _run.Wants(new BlockHandle(offset, BlockBytes)) ? 1 : 0;
        }

        Assert.InRange(taken, 1, 20_000 / 20);
    }

    [Fact]
    public void Parts_of_the_index_are_found_by_their_number_and_go_like_all_others()
    {
        byte[] part = new byte[BlockBytes];
        _run.AddPart(5, part);
        Assert.Same(part, _run.FindPart(5));
        Assert.Null(_run.FindPart(4));
        Assert.Null(_run.FindPart(500));
        Assert.Null(_run.Find(5));
        for (int offset = 0; offset < 2 * BlocksMax; offset++)
        {
            _run.Add(offset, new byte[BlockBytes]);
        }

        Assert.Null(_run.FindPart(5));
        _run.AddPart(5, part);
        Assert.Same(part, _run.FindPart(5));
        _run.Clear();
        Assert.Null(_run.FindPart(5));
        Assert.Equal(0, _cache.SizeBytes);
    }

    [Fact]
    public void A_block_beyond_the_bound_is_not_kept_and_its_holder_sees_that()
    {
        CachedBlock block = _run.Add(0, new byte[BlocksMax * (BlockBytes + CachedBlock.EntryCostBytes)]);
        Assert.Null(block.Use());
        Assert.Equal(0, _cache.SizeBytes);
    }

    [Fact]
    public void A_run_that_is_gone_leaves_its_room_to_others_and_takes_nothing_of_theirs()
    {
        var other = new RunBlocks(_cache, 8);
        ReadAll(from: 0, count: 5);
        CachedBlock kept = other.Add(0, new byte[BlockBytes]);
        ReadAll(from: 5, count: 4);
        _run.Clear();
        Assert.Equal(kept.CostBytes, _cache.SizeBytes);
        Assert.Null(_run.Find(0));
        Assert.NotNull(other.Find(0));
        other.Clear();
        Assert.Equal(0, _cache.SizeBytes);
        Assert.True(other.Wants(new BlockHandle(1, BlockBytes)));
    }

    private int CountKept()
    {
        Assert.Equal(0, _cache.SizeBytes % (BlockBytes + CachedBlock.EntryCostBytes));
        return (int)(_cache.SizeBytes / (BlockBytes + CachedBlock.EntryCostBytes));
    }

    private int ReadAll(int from, int count)
    {
        int found = 0;
        for (int offset = from; offset < from + count; offset++)
        {
            if (_run.Find(offset) is not null)
            {
                found++;
            }
            else if (_run.Wants(new BlockHandle(offset, BlockBytes)))
            {
                _run.Add(offset, new byte[BlockBytes]);
            }
        }

        return found;
    }
}
