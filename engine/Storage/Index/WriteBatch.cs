using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Storage;

/// <summary>Puts and deletes that take effect together. When a key comes twice, the later one wins.</summary>
/// <remarks>Holds references to the memory given: do not change it until the batch is applied. Not reusable.</remarks>
public sealed class WriteBatch
{
    private readonly List<WriteOperation> _operations = [];

    /// <summary>In the order added.</summary>
    public IReadOnlyList<WriteOperation> Operations => _operations;

    /// <summary>Keys and values together, for limits and accounting.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Sets a key.</summary>
    public void Put(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        _operations.Add(new WriteOperation(key, value, IsDelete: false));
        SizeBytes += key.Length + value.Length;
    }

    /// <summary>Removes a key; removing one that is not there is allowed.</summary>
    public void Delete(ReadOnlyMemory<byte> key)
    {
        _operations.Add(new WriteOperation(key, default, IsDelete: true));
        SizeBytes += key.Length;
    }
}

/// <summary>One put or delete.</summary>
public readonly record struct WriteOperation(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, bool IsDelete);
