using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Lines of a batch as content to store.</summary>
internal sealed class LogContent(AccessLogBatch batch) : IContentSource
{
    private readonly List<LoggedLines> _pieces = batch.Pieces;
    private int _piece;
    private int _taken;

    /// <inheritdoc/>
    public long? LengthBytes { get; } = batch.SizeBytes;

    /// <inheritdoc/>
    public Task Digesting => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        int filled = 0;
        while (filled < destination.Length && _piece < _pieces.Count)
        {
            ReadOnlyMemory<byte> rest = _pieces[_piece].Text[_taken..];
            int count = int.Min(rest.Length, destination.Length - filled);
            rest[..count].CopyTo(destination[filled..]);
            filled += count;
            _taken += count;
            if (count == rest.Length)
            {
                (_piece, _taken) = (_piece + 1, 0);
            }
        }

        return ValueTask.FromResult(filled);
    }
}
