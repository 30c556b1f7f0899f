using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: rows whose keys only grow are written once and never merged, and what is moved stays what it was. Method: the files that are there, a model, crashes.</summary>
public sealed class RunMoveTests
{
    private static readonly OrderedStoreOptions Cut = StoreLife.Small with { RunCuts = [new[] { (byte)'g' }, new[] { (byte)'h' }] };

    [Fact]
    public void Rows_whose_keys_only_grow_stay_in_the_files_that_they_were_first_written_to()
    {
        var life = new StoreLife(5, Cut);
        life.World.Run(async () =>
        {
            await life.OpenAsync(rarePerMillion: 0);
            var seen = new SortedSet<string>(StringComparer.Ordinal);
            for (int number = 0; number < 400; number++)
            {
                await life.Store!.WaitForRoomAsync();
                var batch = new WriteBatch();
                batch.Put(Growing(number), new byte[100]);
                batch.Put(Encoding.UTF8.GetBytes($"a{number * 7 % 10}"), new byte[20]);
                life.Apply(batch);
                await life.SettleAsync();
                await life.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(2));
                seen.UnionWith(Runs(life));
            }

            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            await life.CompareAsync();

            // Rows of the other table are a fifth of the bytes, and merging writes them again and again; of these here each file is there to the end.
            using IReadView view = life.Store!.ReadLatest();
            int flushes = 400 * 140 / 3000;
            Assert.InRange(Runs(life).Count, flushes, 3 * flushes);
            Assert.True(seen.Count < 8 * flushes, $"{seen.Count} files were made in about {flushes} flushes");
            await life.Store.CloseAsync();
            await life.RecoverAsync(rarePerMillion: 0);
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            await life.CompareAsync();
        });
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    public void What_is_moved_while_the_power_fails_is_found_again(ulong seed)
    {
        var life = new StoreLife(seed, Cut);
        for (int crash = 0; crash < 8; crash++)
        {
            life.World.Run(() => life.RecoverAsync());
            Task? work = null;
            life.World.TestLoop.Post(_ => work = WorkAsync(life, crash * 1000), null);
            life.World.RunUntil(() => work is { IsCompleted: true }, stepLimit: 500 + life.Choices.Next(20_000, "crash-at"));
            Assert.False(work?.IsFaulted ?? false, work?.Exception?.ToString());
            life.Stop();
            life.Disk = life.Disk.Crash(life.Choices);
        }

        life.World.Run(() => life.RecoverAsync());
    }

    private static async Task WorkAsync(StoreLife life, int first)
    {
        OrderedStore store = life.Store!;
        for (int number = first; number < first + 200; number++)
        {
            await store.WaitForRoomAsync();
            if (life.Store != store)
            {
                return;
            }

            var batch = new WriteBatch();
            batch.Put(Growing(number), new byte[life.Choices.Next(300, "size")]);
            if (number % 9 == 0 && number > first)
            {
                batch.Delete(Growing(number - 1));
            }

            life.Apply(batch);
            if (number % 5 == 0)
            {
                await life.SettleAsync();
            }

            if (life.Store != store)
            {
                return;
            }
        }
    }

    private static byte[] Growing(int number)
    {
        byte[] key = new byte[5];
        key[0] = (byte)'g';
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(1), number);
        return key;
    }

    private static List<string> Runs(StoreLife life) => [.. life.Disk.Names.Where(static name => name.StartsWith("run-", StringComparison.Ordinal))];
}
