using System;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Storage;

/// <summary>A position among sorted, unique keys of one source. Deletions are rows too: they hide what older sources say.</summary>
internal abstract class Cursor
{
    /// <summary>Stands on a row; false after the last one.</summary>
    internal bool IsValid { get; private protected set; }

    /// <summary>Key of the row; until the cursor moves.</summary>
    internal ReadOnlyMemory<byte> Key { get; private protected set; }

    /// <summary>Value of the row; stays valid as long as it is referenced, but for a walk with <see cref="ReadAhead"/>.</summary>
    internal ReadOnlyMemory<byte> Value { get; private protected set; }

    /// <summary>The row says that the key is gone.</summary>
    internal bool IsDelete { get; private protected set; }

    /// <summary>Moves to the first row with a key of at least <paramref name="key"/>.</summary>
    internal abstract ValueTask SeekAsync(ReadOnlyMemory<byte> key);

    /// <summary>Moves to the next row. Only when <see cref="IsValid"/>.</summary>
    internal abstract ValueTask NextAsync();
}
