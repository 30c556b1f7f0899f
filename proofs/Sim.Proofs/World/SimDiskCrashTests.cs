using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

public sealed class SimDiskCrashTests
{
    public static TheoryData<string> Properties => [.. CrashProperties.All.Select(static property => property.Name)];

    [Theory]
    [MemberData(nameof(Properties))]
    public void A_power_loss_leaves_exactly_what_the_contract_allows(string property) =>
        Assert.Null(Check(property, new CrashableDisk("right", static disk => disk, static disk => disk.EveryCrash())));

    /// <summary>Goal: the sampling that long runs use reaches every image that the enumeration does, and no other.</summary>
    [Theory]
    [MemberData(nameof(Properties))]
    public void Drawn_crashes_reach_the_same_images(string property) => Assert.Null(Check(
        property,
        new CrashableDisk("drawn", static disk => disk, static disk => Enumerable.Range(0, 400).Select(seed => disk.Crash(new SeededChoices((ulong)seed))))));

    [Theory]
    [InlineData((int)DiskBug.SyncDoesNothing)]
    [InlineData((int)DiskBug.EveryWriteSyncs)]
    [InlineData((int)DiskBug.DirectorySyncDoesNothing)]
    [InlineData((int)DiskBug.NamesSyncAtOnce)]
    [InlineData((int)DiskBug.RenameInTwoSteps)]
    [InlineData((int)DiskBug.SectorsTear)]
    public void A_disk_that_is_wrong_about_power_loss_is_caught(int bug)
    {
        var planted = new CrashableDisk("planted", disk => new PlantedDisk(disk, (DiskBug)bug), static disk => disk.EveryCrash());
        Assert.Contains(CrashProperties.All, property => property.Check(planted) is not null);
    }

    [Theory]
    [InlineData(CrashStyle.KeepAll)]
    [InlineData(CrashStyle.LoseAll)]
    public void A_crash_that_always_goes_the_same_way_is_caught(CrashStyle style)
    {
        var kind = new CrashableDisk("one way", static disk => disk, disk => [disk.Crash(new SeededChoices(1), style)]);
        Assert.Contains(CrashProperties.All, property => property.Check(kind) is not null);
    }

    [Fact]
    public void A_failed_sync_loses_what_it_covered_even_when_a_later_sync_succeeds()
    {
        var lost = new SortedSet<int>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            var world = new SimWorld(new SeededChoices(seed));
            SimDisk disk = world.CreateDisk();
            bool armed = false;
            disk.Faults.Inject = request => armed && request.Verb == DiskVerb.Sync ? DiskError.SyncFailed : DiskError.None;
            int seen = world.Run(async () =>
            {
                IDiskFile file = (await disk.OpenAsync("a", DiskOpen.Create)).Value;
                await disk.SyncDirectoryAsync();
                await file.WriteAsync(0, new byte[] { 7 });
                armed = true;
                Assert.Equal(DiskError.SyncFailed, await file.SyncAsync());
                armed = false;
                Assert.Equal(DiskError.None, await file.SyncAsync());
                return await FirstByteAsync(disk);
            });
            lost.Add(seen);
            Assert.Equal(0, world.Run(() => FirstByteAsync(disk.Crash(new SeededChoices(seed), CrashStyle.KeepAll))));
        }

        Assert.Equal([0, 7], lost);
    }

    [Fact]
    public void A_full_disk_refuses_growth_keeps_the_content_and_takes_writes_again_after_a_delete()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimDisk disk = world.CreateDisk(new SimDiskOptions { SectorSizeBytes = 512, CapacityBytes = 2048 });
        world.Run(async () =>
        {
            IDiskFile a = (await disk.OpenAsync("a", DiskOpen.Create)).Value;
            IDiskFile b = (await disk.OpenAsync("b", DiskOpen.Create)).Value;
            Assert.Equal(DiskError.None, await a.WriteAsync(0, new byte[1024]));
            Assert.Equal(DiskError.Full, await b.WriteAsync(0, new byte[1025]));
            Assert.Equal(0, b.LengthBytes);
            Assert.Equal(DiskError.None, await b.AllocateAsync(1024));
            Assert.Equal(0, (await disk.MeasureAsync()).Value.FreeBytes);
            Assert.Equal(DiskError.Full, (await disk.OpenAsync("c", DiskOpen.Create)).Error);
            Assert.Equal(DiskError.None, await a.WriteAsync(0, new byte[1024]));
            Assert.Equal(DiskError.None, await disk.DeleteAsync("a"));
            Assert.Equal(0, (await disk.MeasureAsync()).Value.FreeBytes);
            await a.DisposeAsync();
            Assert.Equal(1024, (await disk.MeasureAsync()).Value.FreeBytes);
            Assert.Equal(DiskError.None, await b.TruncateAsync(1));
            Assert.Equal(1536, (await disk.MeasureAsync()).Value.FreeBytes);
        });
    }

    [Fact]
    public void Damage_is_seen_by_reads_outlives_a_crash_and_a_bad_sector_heals_when_written()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimDisk disk = world.CreateDisk(new SimDiskOptions { SectorSizeBytes = 512 });
        world.Run(async () =>
        {
            await using IDiskFile file = (await disk.OpenAsync("a", DiskOpen.Create)).Value;
            await file.WriteAsync(0, new byte[2048]);
            await file.SyncAsync();
            await disk.SyncDirectoryAsync();
        });
        disk.Rot("a", 5, bit: 3);
        disk.Break("a", 1024);
        SimDisk after = disk.Crash(new SeededChoices(1));
        world.Run(async () =>
        {
            await using IDiskFile file = (await after.OpenAsync("a", DiskOpen.Existing)).Value;
            byte[] buffer = new byte[512];
            Assert.Equal(512, (await file.ReadAsync(0, buffer)).Value);
            Assert.Equal(8, buffer[5]);
            Assert.Equal(DiskError.ReadFailed, (await file.ReadAsync(1000, buffer)).Error);
            Assert.True((await file.ReadAsync(1536, buffer)).Ok);
            Assert.Equal(DiskError.None, await file.WriteAsync(1024, new byte[512]));
            Assert.True((await file.ReadAsync(1000, buffer)).Ok);
        });
    }

    /// <summary>Goal: every fault that has a rate happens at that rate of one in one, and nothing happens at rate zero.</summary>
    [Fact]
    public void Every_kind_of_fault_shows_itself()
    {
        Assert.Equal("ok", Outcome(static _ => { }));
        Assert.Equal("ReadFailed", Outcome(static faults => faults.ReadFailsPerMillion = 1_000_000));
        Assert.Equal("WriteFailed", Outcome(static faults => faults.WriteFailsPerMillion = 1_000_000));
        Assert.Equal("SyncFailed", Outcome(static faults => faults.SyncFailsPerMillion = 1_000_000));
        Assert.Equal("ReadFailed", Outcome(static faults => faults.LatentErrorsPerMillion = 1_000_000));
        Assert.Equal("wrong bytes", Outcome(static faults => faults.RotPerMillion = 1_000_000));
        Assert.Equal("wrong bytes", Outcome(static faults => faults.MisdirectedReadsPerMillion = 1_000_000));
        Assert.Equal("wrong bytes", Outcome(static faults => faults.MisdirectedWritesPerMillion = 1_000_000));
        Assert.Equal("Gone", Outcome(static faults => faults.Gone = true));
        Assert.Equal("ok", Outcome(static faults =>
        {
            faults.Gone = true;
            faults.RotPerMillion = 1_000_000;
            faults.Heal();
        }));
    }

    [Fact]
    public void Misuse_of_a_disk_is_reported()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimDisk disk = world.CreateDisk();
        Assert.Throws<SimMisuseException>(() => world.Run(async () =>
        {
            IDiskFile file = (await disk.OpenAsync("a", DiskOpen.Create | DiskOpen.Direct)).Value;
            await file.WriteAsync(0, new byte[100]);
        }));
        Assert.Throws<SimMisuseException>(() => world.Run(async () =>
        {
            IDiskFile file = (await disk.OpenAsync("b", DiskOpen.Create)).Value;
            byte[] buffer = new byte[10];
            ValueTask<DiskError> write = file.WriteAsync(0, buffer);
            buffer[3] = 1;
            await write;
        }));
    }

    private static string Outcome(Action<SimDiskFaults> set)
    {
        var world = new SimWorld(new SeededChoices(1));
        SimDisk disk = world.CreateDisk(new SimDiskOptions { SectorSizeBytes = 512 });
        return world.Run(async () =>
        {
            IDiskFile file = (await disk.OpenAsync("a", DiskOpen.Create)).Value;
            byte[] content = new byte[8 * 512];
            new Random(1).NextBytes(content);
            await file.WriteAsync(0, content);
            set(disk.Faults);
            DiskError error = await file.WriteAsync(512, content.AsMemory(512, 512));
            error = error == DiskError.None ? await file.SyncAsync() : error;
            byte[] read = new byte[512];
            Outcome<int, DiskError> got = await file.ReadAsync(512, read);
            error = error == DiskError.None ? got.Error : error;
            byte[] all = new byte[content.Length];
            await file.ReadAsync(0, all);
            return error != DiskError.None ? error.ToString() : read.AsSpan().SequenceEqual(content.AsSpan(512, 512)) && all.AsSpan().SequenceEqual(content) ? "ok" : "wrong bytes";
        });
    }

    private static async Task<int> FirstByteAsync(SimDisk disk)
    {
        await using IDiskFile file = (await disk.OpenAsync("a", DiskOpen.Existing)).Value;
        byte[] buffer = new byte[1];
        return (await file.ReadAsync(0, buffer)).Value == 0 ? 0 : buffer[0];
    }

    private static string? Check(string property, CrashableDisk disk) => CrashProperties.All.Single(known => known.Name == property).Check(disk);
}
