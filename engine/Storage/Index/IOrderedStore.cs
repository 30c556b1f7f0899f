using System;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Storage;

/// <summary>An ordered, crash-consistent key-value store: what metadata and chunk locations live in. Owned by one loop; call it from there only.</summary>
/// <remarks>
/// Keys: 1 to <see cref="KeySizeBytesMax"/> bytes, compared as unsigned bytes. Values: 0 to <see cref="ValueSizeBytesMax"/> bytes.
/// A batch is atomic: after any crash all of it is there or none. Batches become durable in the order of their sequence numbers, so
/// when one is there all earlier ones are.
/// </remarks>
public interface IOrderedStore
{
    /// <summary>Longest key.</summary>
    const int KeySizeBytesMax = 4096;

    /// <summary>Longest value.</summary>
    const int ValueSizeBytesMax = 4 * 1024 * 1024;

    /// <summary>Sequence number of the newest applied batch; 0 in a new store.</summary>
    ulong AppliedSequence { get; }

    /// <summary>Sequence number of the newest durable batch; never above <see cref="AppliedSequence"/>. Any thread may ask.</summary>
    ulong DurableSequence { get; }

    /// <summary>Applies a batch: visible at once to <see cref="ReadLatest"/>, durable when the returned ticket's task completes.</summary>
    /// <returns>The batch's sequence number and a task that ends when it is durable, or fails with <see cref="StorageException"/>
    /// (then it is unknown until recovery whether it survives, and the store is poisoned).</returns>
    /// <exception cref="StorageException"><see cref="StorageError.Full"/> or <see cref="StorageError.Poisoned"/>: nothing was applied. Full too when the
    /// caller did not wait for room and the log has no place ready.</exception>
    /// <exception cref="ArgumentException">A key, a value or the batch is too large (<see cref="OrderedStoreOptions.BatchBytesMax"/>); nothing was applied.</exception>
    CommitTicket Apply(WriteBatch batch);

    /// <summary>Completes when a batch may be applied without outrunning the disk. Await it before <see cref="Apply"/>: that is the back-pressure.</summary>
    /// <param name="freesSpace">The batch leads to space being freed: it may use the last of the disk, which is kept from all others.</param>
    /// <exception cref="StorageException"><see cref="StorageError.Full"/>, <see cref="StorageError.Poisoned"/> or <see cref="StorageError.Closed"/>.</exception>
    ValueTask WaitForRoomAsync(bool freesSpace = false) => ValueTask.CompletedTask;

    /// <summary>The state with every applied batch, durable or not. Only for deciding commands; never show it to a client.</summary>
    IReadView ReadLatest();

    /// <summary>The state at <see cref="DurableSequence"/>: everything acknowledged is in it and nothing that a crash could take back.</summary>
    IReadView ReadDurable();
}

/// <summary>What <see cref="IOrderedStore.Apply"/> returns.</summary>
public readonly record struct CommitTicket(ulong Sequence, Task Durable);

/// <summary>A consistent state of the store; unaffected by later batches. Dispose it soon: it keeps old versions and files alive.</summary>
public interface IReadView : IDisposable
{
    /// <summary>The last batch that it includes.</summary>
    ulong Sequence { get; }

    /// <summary>The value of a key, or null. The memory stays valid and unchanged as long as it is referenced.</summary>
    /// <exception cref="StorageException">The block that holds it cannot be read or is damaged.</exception>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key);

    /// <summary>Rows with <paramref name="from"/> &lt;= key &lt; <paramref name="to"/> in ascending order. Positioned before the first.</summary>
    /// <param name="from">First key, inclusive; empty is the start.</param>
    /// <param name="to">Last key, exclusive; empty is the end.</param>
    IScan Scan(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to);
}

/// <summary>A cursor over rows in ascending key order.</summary>
public interface IScan : IDisposable
{
    /// <summary>Moves to the next row; false at the end. Completes synchronously when the row is in memory.</summary>
    /// <exception cref="StorageException">A block cannot be read or is damaged.</exception>
    ValueTask<bool> NextAsync();

    /// <summary>Moves so that the next row is the first with a key of at least <paramref name="key"/>; never backwards.</summary>
    /// <remarks>Costs a seek, not a walk: how listings skip over a common prefix.</remarks>
    void SkipTo(ReadOnlyMemory<byte> key);

    /// <summary>Current key; valid until the cursor moves.</summary>
    ReadOnlyMemory<byte> Key { get; }

    /// <summary>Current value; the bytes stay as they are for as long as they are referenced.</summary>
    ReadOnlyMemory<byte> Value { get; }
}
