using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>What every part of one store shares.</summary>
/// <param name="Environment">The node's seams; its disk is the store's.</param>
/// <param name="Loop">Owns all state of the store.</param>
/// <param name="Options">Settings.</param>
/// <param name="StoreId">From the superblock.</param>
/// <param name="Epoch">Of this opening of the store.</param>
internal sealed record StoreContext(NodeEnvironment Environment, ILoop Loop, OrderedStoreOptions Options, System.UInt128 StoreId, ulong Epoch)
{
    internal IDisk Disk => Environment.Disk;

    internal ITrace Trace => Environment.Trace;

    /// <summary>Where checksums start: another store's bytes never verify here.</summary>
    internal uint ChecksumSeed => SeedOf(StoreId);

    internal static uint SeedOf(System.UInt128 storeId) => unchecked((uint)(storeId ^ (storeId >> 32) ^ (storeId >> 64) ^ (storeId >> 96)));
}
