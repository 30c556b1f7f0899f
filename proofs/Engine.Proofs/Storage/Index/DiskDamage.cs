using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Changes bytes on a disk behind the store's back.</summary>
internal static class DiskDamage
{
    /// <summary>The files whose names begin so, in order.</summary>
    internal static async Task<List<string>> NamesAsync(IDisk disk, string prefix = "") =>
        [.. (await disk.ListAsync()).Value.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    /// <summary>The one file whose name begins so; the last one when there are several.</summary>
    internal static async Task<string> LastAsync(IDisk disk, string prefix) =>
        (await NamesAsync(disk, prefix)).LastOrDefault() ?? throw new InvalidOperationException($"no file {prefix}");

    internal static async Task<byte[]> ReadAsync(IDisk disk, string name)
    {
        await using IDiskFile file = (await disk.OpenAsync(name, DiskOpen.Existing)).Value;
        var bytes = new byte[file.LengthBytes];
        Assert(await file.ReadAsync(0, bytes) is { Ok: true });
        return bytes;
    }

    internal static async Task WriteAsync(IDisk disk, string name, long offset, byte[] bytes)
    {
        await using IDiskFile file = (await disk.OpenAsync(name, DiskOpen.Existing)).Value;
        Assert(await file.WriteAsync(offset, bytes) == DiskError.None);
        Assert(await file.SyncAsync() == DiskError.None);
    }

    internal static async Task FlipAsync(IDisk disk, string name, long offset, int bit = 0)
    {
        byte[] bytes = await ReadAsync(disk, name);
        await WriteAsync(disk, name, offset, [(byte)(bytes[offset] ^ (1 << bit))]);
    }

    internal static async Task DeleteAsync(IDisk disk, string name)
    {
        Assert(await disk.DeleteAsync(name) == DiskError.None);
        Assert(await disk.SyncDirectoryAsync() == DiskError.None);
    }

    private static void Assert(bool done)
    {
        if (!done)
        {
            throw new InvalidOperationException("the disk refused");
        }
    }
}
