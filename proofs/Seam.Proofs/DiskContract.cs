using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Seam.Proofs;

/// <summary>What every disk does, as the docstrings of <see cref="IDisk"/> and <see cref="IDiskFile"/> say.</summary>
public abstract class DiskContract
{
    protected abstract SeamFixture CreateFixture();

    [Fact]
    public void A_missing_file_is_not_found_and_an_existing_one_is_not_created() => Run(async disk =>
    {
        Assert.Equal(DiskError.NotFound, (await disk.OpenAsync("a", DiskOpen.Existing)).Error);
        await using IDiskFile file = await Created(disk, "a");
        Assert.Equal(DiskError.AlreadyExists, (await disk.OpenAsync("a", DiskOpen.Create)).Error);
        Assert.Equal(DiskError.NotFound, await disk.DeleteAsync("b"));
        Assert.Equal(DiskError.NotFound, await disk.RenameAsync("b", "c"));
        Assert.Equal("a", file.Name);
        Assert.Equal(0, file.LengthBytes);
    });

    [Fact]
    public void Names_outside_the_alphabet_are_a_bug_of_the_caller() => Run(async disk =>
    {
        foreach (string name in new[] { "", ".", ".a", "A", "a/b", "a_b", "ä", "..", new string('a', 101) })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await disk.OpenAsync(name, DiskOpen.Create));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await disk.DeleteAsync(name));
        }

        string[] legal = ["a", "0", "-", "a.b-c.0", new string('a', 100)];
        foreach (string name in legal)
        {
            await using IDiskFile file = await Created(disk, name);
        }
    });

    [Fact]
    public void Names_are_listed_in_ordinal_order() => Run(async disk =>
    {
        string[] names = ["b", "a.1", "a-1", "a1", "a"];
        foreach (string name in names)
        {
            await using IDiskFile file = await Created(disk, name);
        }

        Assert.Equal(["a", "a-1", "a.1", "a1", "b"], (await disk.ListAsync()).Value);
    });

    [Fact]
    public void A_read_is_short_only_at_the_end() => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        await Ok(file.WriteAsync(0, Bytes(1, 1000)));
        byte[] buffer = new byte[400];
        Assert.Equal(400, (await file.ReadAsync(300, buffer)).Value);
        Assert.Equal(Bytes(1, 1000)[300..700], buffer);
        Assert.Equal(100, (await file.ReadAsync(900, buffer)).Value);
        Assert.Equal(Bytes(1, 1000)[900..], buffer[..100]);
        Assert.Equal(0, (await file.ReadAsync(1000, buffer)).Value);
        Assert.Equal(0, (await file.ReadAsync(5000, buffer)).Value);
        Assert.Equal(0, (await file.ReadAsync(0, Memory<byte>.Empty)).Value);
    });

    [Fact]
    public void A_gap_reads_as_zeros() => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        await Ok(file.WriteAsync(10, Bytes(1, 3)));
        await Ok(file.WriteAsync(9000, Bytes(2, 5)));
        Assert.Equal(9005, file.LengthBytes);
        byte[] content = await All(file);
        Assert.True(content.AsSpan(0, 10).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(Bytes(1, 3), content[10..13]);
        Assert.True(content.AsSpan(13, 9000 - 13).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(Bytes(2, 5), content[9000..]);
    });

    [Fact]
    public void An_empty_write_changes_nothing() => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        await Ok(file.WriteAsync(0, ReadOnlyMemory<byte>.Empty));
        Assert.Equal(0, file.LengthBytes);
        await Ok(file.WriteAsync(0, Bytes(1, 7)));
        await Ok(file.WriteAsync(3, ReadOnlyMemory<byte>.Empty));
        Assert.Equal(Bytes(1, 7), await All(file));
    });

    [Fact]
    public void A_read_sees_the_newest_write_whether_synced_or_not() => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        await Ok(file.WriteAsync(0, Bytes(1, 2000)));
        await Ok(file.SyncAsync());
        await Ok(file.WriteAsync(500, Bytes(2, 1000)));
        byte[] expected = Bytes(1, 2000);
        Bytes(2, 1000).CopyTo(expected, 500);
        Assert.Equal(expected, await All(file));
        await Ok(file.SyncAsync());
        Assert.Equal(expected, await All(file));
    });

    [Fact]
    public void Allocated_space_reads_as_zeros_and_allocating_less_changes_nothing() => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        await Ok(file.WriteAsync(0, Bytes(1, 100)));
        await Ok(file.AllocateAsync(10_000));
        Assert.Equal(10_000, file.LengthBytes);
        await Ok(file.AllocateAsync(5));
        Assert.Equal(10_000, file.LengthBytes);
        byte[] content = await All(file);
        Assert.Equal(Bytes(1, 100), content[..100]);
        Assert.True(content.AsSpan(100).IndexOfAnyExcept((byte)0) < 0);
    });

    [Fact]
    public void What_was_cut_reads_as_zeros_when_the_file_grows_again() => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        await Ok(file.WriteAsync(0, Bytes(1, 9000)));
        await Ok(file.SyncAsync());
        await Ok(file.TruncateAsync(700));
        Assert.Equal(700, file.LengthBytes);
        await Ok(file.AllocateAsync(9000));
        byte[] content = await All(file);
        Assert.Equal(Bytes(1, 9000)[..700], content[..700]);
        Assert.True(content.AsSpan(700).IndexOfAnyExcept((byte)0) < 0);
    });

    [Fact]
    public void Rename_replaces_and_an_open_file_goes_with_its_content() => Run(async disk =>
    {
        await using IDiskFile first = await Created(disk, "a");
        await Ok(first.WriteAsync(0, Bytes(1, 10)));
        await using IDiskFile second = await Created(disk, "b");
        await Ok(second.WriteAsync(0, Bytes(2, 10)));
        await Ok(disk.RenameAsync("a", "b"));
        Assert.Equal(["b"], (await disk.ListAsync()).Value);
        await using IDiskFile opened = (await disk.OpenAsync("b", DiskOpen.Existing)).Value;
        Assert.Equal(Bytes(1, 10), await All(opened));
        Assert.Equal(Bytes(2, 10), await All(second));
        await Ok(first.WriteAsync(0, Bytes(3, 10)));
        Assert.Equal(Bytes(3, 10), await All(opened));
        await Ok(disk.RenameAsync("b", "b"));
        Assert.Equal(["b"], (await disk.ListAsync()).Value);
    });

    [Fact]
    public void A_deleted_file_stays_readable_while_open_and_its_name_is_free() => Run(async disk =>
    {
        await using IDiskFile old = await Created(disk, "a");
        await Ok(old.WriteAsync(0, Bytes(1, 10)));
        await Ok(disk.DeleteAsync("a"));
        Assert.Empty((await disk.ListAsync()).Value);
        await using IDiskFile young = await Created(disk, "a");
        Assert.Equal(0, young.LengthBytes);
        Assert.Equal(Bytes(1, 10), await All(old));
    });

    [Fact]
    public void Aligned_direct_writes_and_reads_work() => Run(async disk =>
    {
        int size = disk.SectorSizeBytes;
        Assert.True(size is >= 512 and <= 4096 && (size & (size - 1)) == 0);
        await using IDiskFile file = (await disk.OpenAsync("a", DiskOpen.Create | DiskOpen.Direct)).Value;
        Memory<byte> buffer = SeamFixture.Aligned(size * 4, 4096);
        Bytes(1, size * 4).CopyTo(buffer);
        await Ok(file.WriteAsync(size * 2L, buffer));
        Assert.Equal(size * 6L, file.LengthBytes);
        Memory<byte> read = SeamFixture.Aligned(size * 8, 4096);
        Assert.Equal(size * 6, (await file.ReadAsync(0, read)).Value);
        Assert.Equal(Bytes(1, size * 4), read.Slice(size * 2, size * 4).ToArray());
    });

    [Fact]
    public void Disjoint_ranges_may_be_written_together() => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        byte[] expected = Bytes(5, 32 * 100);
        var writes = new List<Task<DiskError>>();
        for (int part = 31; part >= 0; part--)
        {
            writes.Add(file.WriteAsync(part * 100, expected.AsMemory(part * 100, 100)).AsTask());
        }

        foreach (Task<DiskError> write in writes)
        {
            Assert.Equal(DiskError.None, await write);
        }

        Assert.Equal(expected, await All(file));
    });

    [Fact]
    public void Synced_files_and_names_are_there_when_the_disk_is_opened_again()
    {
        using SeamFixture fixture = CreateFixture();
        fixture.Run(async () =>
        {
            await using IDiskFile file = await Created(fixture.Disk, "a");
            await Ok(file.WriteAsync(0, Bytes(1, 5000)));
            await Ok(file.SyncAsync());
            await Ok(fixture.Disk.SyncDirectoryAsync());
        });
        IDisk again = fixture.ReopenDisk();
        fixture.Run(async () =>
        {
            Assert.Equal(["a"], (await again.ListAsync()).Value);
            await using IDiskFile file = (await again.OpenAsync("a", DiskOpen.Existing)).Value;
            Assert.Equal(Bytes(1, 5000), await All(file));
        });
    }

    [Fact]
    public void Space_is_measured() => Run(async disk =>
    {
        DiskSpace before = (await disk.MeasureAsync()).Value;
        Assert.True(before.FreeBytes > 0 && before.FreeBytes <= before.TotalBytes);
    });

    /// <summary>Method: a list of requests against a plain array.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_file_is_an_array_of_bytes(int seed) => Run(async disk =>
    {
        await using IDiskFile file = await Created(disk, "a");
        var random = new Random(seed);
        byte[] model = [];
        for (int request = 0; request < 200; request++)
        {
            int offset = random.Next(12_000);
            int length = random.Next(3_000);
            switch (random.Next(6))
            {
                case 0:
                    await Ok(file.TruncateAsync(offset));
                    Array.Resize(ref model, Math.Min(model.Length, offset));
                    break;
                case 1:
                    await Ok(file.AllocateAsync(offset));
                    Array.Resize(ref model, Math.Max(model.Length, offset));
                    break;
                case 2:
                    await Ok(file.SyncAsync());
                    break;
                case 3:
                    byte[] read = new byte[length];
                    int expected = Math.Clamp(model.Length - offset, 0, length);
                    Assert.Equal(expected, (await file.ReadAsync(offset, read)).Value);
                    Assert.Equal(model.AsSpan(Math.Min(offset, model.Length), expected).ToArray(), read[..expected]);
                    break;
                default:
                    byte[] data = Bytes(random.Next(), length);
                    await Ok(file.WriteAsync(offset, data));
                    if (length > 0)
                    {
                        Array.Resize(ref model, Math.Max(model.Length, offset + length));
                        data.CopyTo(model, offset);
                    }

                    break;
            }

            Assert.Equal(model.Length, file.LengthBytes);
        }

        Assert.Equal(model, await All(file));
    });

    internal static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static async Task Ok(ValueTask<DiskError> request) => Assert.Equal(DiskError.None, await request);

    internal static async Task<IDiskFile> Created(IDisk disk, string name) => (await disk.OpenAsync(name, DiskOpen.Create)).Value;

    internal static async Task<byte[]> All(IDiskFile file)
    {
        byte[] content = new byte[file.LengthBytes + 1];
        int count = (await file.ReadAsync(0, content)).Value;
        Assert.Equal(file.LengthBytes, count);
        return content[..count];
    }

    private void Run(Func<IDisk, Task> body)
    {
        using SeamFixture fixture = CreateFixture();
        fixture.Run(() => body(fixture.Disk));
    }
}
