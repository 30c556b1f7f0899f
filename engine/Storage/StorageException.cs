using System;

namespace ObjectStore.Engine.Storage;

/// <summary>Why the store could not do what it was asked.</summary>
public enum StorageError
{
    /// <summary>A block or frame does not match its checksum or names itself otherwise; <see cref="StorageException.File"/> and offset tell where.</summary>
    Corrupt,

    /// <summary>The device cannot read the range.</summary>
    ReadFailed,

    /// <summary>No space. Nothing was acknowledged; retry after space was freed.</summary>
    Full,

    /// <summary>A sync or write failed: this store takes no more writes until it is opened again and has recovered.</summary>
    Poisoned,

    /// <summary>The disk is gone or the store is closed.</summary>
    Closed,

    /// <summary>Too little of the cluster can be reached. Nothing changed; retry.</summary>
    Unavailable,

    /// <summary>No answer from the cluster: what was asked may have happened, or may still happen.</summary>
    OutcomeUnknown,

    /// <summary>Not a store of ours, or of a format newer than this program.</summary>
    UnknownFormat,
}

/// <summary>A disk fault that a correct caller can meet. Reads may be tried on other copies; a failed commit has an unknown outcome until recovery.</summary>
public sealed class StorageException(StorageError error, string file, long offset, string message)
    : Exception($"{message} ({error}; file {file}, offset {offset})")
{
    /// <summary>What kind.</summary>
    public StorageError Error { get; } = error;

    /// <summary>The damaged or failing file.</summary>
    public string File { get; } = file;

    /// <summary>Whether the file is a run of the ordered store: rows that say what lies on the disk, of which there is one copy.</summary>
    public bool IsInIndex => File.StartsWith(StoreFiles.RunPrefix, StringComparison.Ordinal);

    /// <summary>Byte offset in the file, -1 where there is none.</summary>
    public long Offset { get; } = offset;
}
