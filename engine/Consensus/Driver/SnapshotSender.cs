using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>Sends one snapshot to one peer: chunks in order, a window of them in flight, from the last acknowledged one again when nothing moves.</summary>
internal sealed class SnapshotSender(
    RaftHostOptions options, ISnapshotSource source, ulong stream, LogIndex index, Term term, RaftMembership membership, Action<RaftMessage> send)
{
    private readonly Queue<(ulong Offset, byte[] Data, bool IsLast)> _window = new();
    private readonly Signal _wake = new();
    private ulong _readBytes;
    private bool _isAllRead;
    private int _ticksSilent;

    /// <summary>The state sent is that after this entry.</summary>
    internal LogIndex Index => index;

    internal ulong Stream => stream;

    internal long BytesSent => (long)_readBytes;

    internal bool IsEnded { get; private set; }

    /// <summary>Offset after the last chunk's acknowledgement: one beyond the bytes.</summary>
    private ulong EndOffset => _readBytes + 1;

    /// <summary>Ends when the peer has taken everything in, or it does not answer, or <see cref="End"/> was called.</summary>
    internal async Task RunAsync()
    {
        using (source)
        {
            while (!IsEnded)
            {
                while (!_isAllRead && !IsEnded && _window.Count < options.SnapshotChunksInFlight)
                {
                    await ReadAsync();
                }

                if (!IsEnded)
                {
                    await _wake.WaitAsync();
                }
            }
        }
    }

    internal void Acknowledged(RaftMessage response)
    {
        if (response.Reject)
        {
            // The peer lost what it had, or began with somebody else.
            End();
            return;
        }

        bool moved = false;
        while (_window.TryPeek(out (ulong Offset, byte[] Data, bool IsLast) oldest) && response.Offset >= AfterChunk(oldest))
        {
            _window.Dequeue();
            moved = true;
        }

        // Taking in the last piece may be slow: an answer shows that the peer is at it.
        _ticksSilent = moved || response.Offset > 0 ? 0 : _ticksSilent;
        if (_isAllRead && _window.Count == 0)
        {
            IsEnded = true;
        }

        _wake.Set();
    }

    internal void Tick()
    {
        _ticksSilent++;
        if (_ticksSilent > 4 * options.ElectionTicks)
        {
            End();
        }
        else if (_ticksSilent % (options.ElectionTicks / 2) == 0)
        {
            foreach ((ulong offset, byte[] data, bool isLast) in _window)
            {
                Send(offset, data, isLast);
            }
        }
    }

    internal void End()
    {
        IsEnded = true;
        _wake.Set();
    }

    private async ValueTask ReadAsync()
    {
        byte[] chunk = new byte[options.SnapshotChunkBytes];
        int count = await source.ReadChunkAsync(chunk);
        if (count < chunk.Length)
        {
            Array.Resize(ref chunk, count);
        }

        _isAllRead = count == 0;
        _window.Enqueue((_readBytes, chunk, _isAllRead));
        if (!IsEnded)
        {
            Send(_readBytes, chunk, _isAllRead);
        }

        _readBytes += (ulong)count;
    }

    private ulong AfterChunk((ulong Offset, byte[] Data, bool IsLast) chunk) =>
        chunk.IsLast ? EndOffset : chunk.Offset + (ulong)chunk.Data.Length;

    private void Send(ulong offset, byte[] data, bool isLast) => send(new RaftMessage
    {
        Kind = MessageKind.SnapshotChunk,
        From = default,
        To = default,
        Context = stream,
        Index = index,
        LogTerm = term,
        Membership = membership,
        Offset = offset,
        Data = data,
        IsLast = isLast,
    });
}
