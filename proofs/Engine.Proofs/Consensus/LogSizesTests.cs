using CsCheck;
using ObjectStore.Engine.Consensus;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>The sizes of a log: a log that is twice as long as what is kept can always be cut, however little is kept.</summary>
public sealed class LogSizesTests
{
    [Fact]
    public void A_log_of_twice_the_entries_that_are_kept_can_be_cut_and_keeps_them() =>
        Gen.Select(Gen.Long[1, 5_000], Gen.Int[1, 300]).Sample((kept, size) =>
        {
            var sizes = new LogSizes(long.MaxValue, kept);
            for (long index = 1; index <= (2 * kept) + 1; index++)
            {
                sizes.Add(new LogIndex((ulong)index), size);
            }

            LogIndex end = new((ulong)((2 * kept) + 1));
            LogIndex cut = sizes.CutKeeping(long.MaxValue, kept, end);
            return cut.Value > 0 && end.Value - cut.Value >= (ulong)kept;
        });

    [Fact]
    public void A_log_of_twice_the_bytes_that_are_kept_can_be_cut_and_keeps_them() =>
        Gen.Select(Gen.Long[1, 2_000_000], Gen.Int[1, 3_000]).Sample((kept, size) =>
        {
            var sizes = new LogSizes(kept, long.MaxValue);
            ulong index = 0;
            while (sizes.Bytes <= (2 * kept) + size)
            {
                sizes.Add(new LogIndex(++index), size);
            }

            LogIndex cut = sizes.CutKeeping(kept, long.MaxValue, new LogIndex(index));
            return cut.Value > 0 && (long)(index - cut.Value) * size >= kept;
        });
}
