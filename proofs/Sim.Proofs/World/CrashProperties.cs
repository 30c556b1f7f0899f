using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Proofs;

/// <summary>A disk together with the way in which power is lost to it. The right one and the planted wrong ones differ in this alone.</summary>
/// <param name="Name">For reports.</param>
/// <param name="View">What the code under test is given in place of the disk.</param>
/// <param name="Crashes">Every disk that a power loss may leave.</param>
internal sealed record CrashableDisk(string Name, Func<SimDisk, IDisk> View, Func<SimDisk, IEnumerable<SimDisk>> Crashes);

/// <summary>What the contract of <see cref="IDisk"/> says about a power loss, each as a check that names what is wrong.</summary>
/// <remarks>Method: a short story, then all legal images; the set of what is found must be exactly what the contract allows.</remarks>
internal static class CrashProperties
{
    internal const int Sector = 512;

    internal static readonly (string Name, Func<CrashableDisk, string?> Check)[] All =
    [
        ("synced bytes stay, unsynced ones may go", SyncedStays),
        ("sectors survive each for itself and whole", SectorsAreAtomic),
        ("names are durable by a sync of the directory only", NamesNeedDirectorySync),
        ("rename is all or nothing", RenameIsAtomic),
        ("a length change survives or not", LengthsMayBeLost),
        ("a write in flight may leave anything of itself", WritesInFlight),
    ];

    private static string? SyncedStays(CrashableDisk subject) => Compare(
        subject,
        async disk =>
        {
            IDiskFile file = await CreateAsync(disk, "a");
            await file.WriteAsync(0, Fill('1', Sector));
            await file.SyncAsync();
            await disk.SyncDirectoryAsync();
            await file.WriteAsync(0, Fill('2', Sector));
            await file.WriteAsync(0, Fill('3', Sector));
        },
        "a=1",
        "a=2",
        "a=3");

    private static string? SectorsAreAtomic(CrashableDisk subject) => Compare(
        subject,
        async disk =>
        {
            IDiskFile file = await CreateAsync(disk, "a");
            await file.WriteAsync(0, Fill('1', 2 * Sector));
            await file.SyncAsync();
            await disk.SyncDirectoryAsync();
            await file.WriteAsync(0, Fill('2', 2 * Sector));
        },
        "a=11",
        "a=12",
        "a=21",
        "a=22");

    private static string? NamesNeedDirectorySync(CrashableDisk subject) => Compare(
        subject,
        async disk =>
        {
            await SyncedAsync(disk, "a", '1');
            await SyncedAsync(disk, "b", '2');
            await disk.SyncDirectoryAsync();
            await disk.DeleteAsync("a");
            await SyncedAsync(disk, "c", '3');
        },
        "a=1 b=2",
        "b=2",
        "a=1 b=2 c=3",
        "b=2 c=3");

    private static string? RenameIsAtomic(CrashableDisk subject) => Compare(
        subject,
        async disk =>
        {
            await SyncedAsync(disk, "a", '1');
            await SyncedAsync(disk, "b", '2');
            await disk.SyncDirectoryAsync();
            await disk.RenameAsync("a", "b");
        },
        "a=1 b=2",
        "b=1");

    private static string? LengthsMayBeLost(CrashableDisk subject) => Compare(
        subject,
        async disk =>
        {
            IDiskFile file = await CreateAsync(disk, "a");
            await file.WriteAsync(0, Fill('1', Sector));
            await file.SyncAsync();
            await disk.SyncDirectoryAsync();
            await file.WriteAsync(Sector, Fill('2', Sector));
            await file.TruncateAsync(0);
        },
        "a=1",
        "a=10",
        "a=12",
        "a=");

    private static string? WritesInFlight(CrashableDisk subject) => Compare(
        subject,
        async disk =>
        {
            IDiskFile file = await CreateAsync(disk, "a");
            await file.WriteAsync(0, Fill('1', 2 * Sector));
            await file.SyncAsync();
            await disk.SyncDirectoryAsync();
            _ = file.WriteAsync(0, Fill('2', 2 * Sector)).AsTask();
        },
        "a=11",
        "a=12",
        "a=21",
        "a=22");

    private static string? Compare(CrashableDisk subject, Func<IDisk, Task> story, params string[] allowed)
    {
        var world = new SimWorld(new SeededChoices(1));
        SimDisk disk = world.CreateDisk(new SimDiskOptions { SectorSizeBytes = Sector });
        world.Run(() => story(subject.View(disk)));
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (SimDisk after in subject.Crashes(disk))
        {
            found.Add(world.Run(() => DescribeAsync(after)));
        }

        var expected = new SortedSet<string>(allowed, StringComparer.Ordinal);
        return found.SetEquals(expected) ? null : $"found [{string.Join(" | ", found)}], the contract allows [{string.Join(" | ", expected)}]";
    }

    /// <summary>All files; a sector of one digit throughout is shown as that digit, one of zeros as 0, any other as X.</summary>
    private static async Task<string> DescribeAsync(SimDisk disk)
    {
        var text = new StringBuilder();
        foreach (string name in (await disk.ListAsync()).Value)
        {
            await using IDiskFile file = (await disk.OpenAsync(name, DiskOpen.Existing)).Value;
            byte[] content = new byte[file.LengthBytes];
            await file.ReadAsync(0, content);
            text.Append(text.Length == 0 ? "" : " ").Append(name).Append('=');
            for (int offset = 0; offset < content.Length; offset += Sector)
            {
                ReadOnlySpan<byte> sector = content.AsSpan(offset, Math.Min(Sector, content.Length - offset));
                text.Append(sector.ContainsAnyExcept(sector[0]) ? 'X' : sector[0] == 0 ? '0' : (char)sector[0]);
            }
        }

        return text.ToString();
    }

    private static async Task SyncedAsync(IDisk disk, string name, char letter)
    {
        await using IDiskFile file = await CreateAsync(disk, name);
        await file.WriteAsync(0, Fill(letter, Sector));
        await file.SyncAsync();
    }

    private static async Task<IDiskFile> CreateAsync(IDisk disk, string name) => (await disk.OpenAsync(name, DiskOpen.Create)).Value;

    private static byte[] Fill(char letter, int count)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill((byte)letter);
        return bytes;
    }
}
