using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Frames that have arrived and wait for the node. A connection whose frame finds no room waits, and with it, through TCP, the sender.</summary>
/// <remarks>Small frames go first, so that heartbeats do not wait for shards; after a run of them a large one gets its turn.</remarks>
internal sealed class ReceivedFrames
{
    private const int SmallCountMax = 16 * 1024;
    private const int SmallRunMax = 64;
    private const long LargeBytesMax = 64L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<NetworkFrame> _small = new();
    private readonly Queue<NetworkFrame> _large = new();
    private TaskCompletionSource<NetworkFrame>? _receiver;
    private TaskCompletionSource? _room;
    private long _largeBytes;
    private int _smallRun;

    /// <summary>Adds a frame, or loses it when there is no room.</summary>
    internal void AddOrLose(in NetworkFrame frame) => TryAdd(frame, out _);

    /// <summary>Adds a frame once there is room for it.</summary>
    internal async ValueTask AddAsync(NetworkFrame frame, CancellationToken cancellation)
    {
        while (!TryAdd(frame, out Task? room))
        {
            await room!.WaitAsync(cancellation);
        }
    }

    /// <summary>The next frame.</summary>
    internal ValueTask<NetworkFrame> ReceiveAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<NetworkFrame>(cancellation);
        }

        lock (_gate)
        {
            if (TryTake(out NetworkFrame frame))
            {
                return new ValueTask<NetworkFrame>(frame);
            }

            Invariant.Check(_receiver is null || _receiver.Task.IsCompleted, "one receiver at a time");
            var receiver = new TaskCompletionSource<NetworkFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
            _receiver = receiver;
            return cancellation.CanBeCanceled ? new ValueTask<NetworkFrame>(CancellableAsync(receiver, cancellation)) : new ValueTask<NetworkFrame>(receiver.Task);
        }
    }

    private static async Task<NetworkFrame> CancellableAsync(TaskCompletionSource<NetworkFrame> receiver, CancellationToken cancellation)
    {
        await using CancellationTokenRegistration registration =
            cancellation.UnsafeRegister(static (state, token) => ((TaskCompletionSource<NetworkFrame>)state!).TrySetCanceled(token), receiver);
        return await receiver.Task;
    }

    private bool TryAdd(in NetworkFrame frame, out Task? room)
    {
        room = null;
        bool isLarge = TcpNetwork.IsLarge(frame.Payload.Length);
        lock (_gate)
        {
            if (_receiver is { } receiver)
            {
                _receiver = null;
                if (receiver.TrySetResult(frame))
                {
                    return true;
                }
            }

            bool fits = isLarge ? _largeBytes == 0 || _largeBytes + frame.Payload.Length <= LargeBytesMax : _small.Count < SmallCountMax;
            if (!fits)
            {
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
                return false;
            }

            (isLarge ? _large : _small).Enqueue(frame);
            _largeBytes += isLarge ? frame.Payload.Length : 0;
            return true;
        }
    }

    private bool TryTake(out NetworkFrame frame)
    {
        bool takeLarge = _large.Count > 0 && (_small.Count == 0 || _smallRun >= SmallRunMax);
        if (!(takeLarge ? _large : _small).TryDequeue(out frame))
        {
            return false;
        }

        _smallRun = takeLarge ? 0 : _smallRun + 1;
        _largeBytes -= takeLarge ? frame.Payload.Length : 0;
        _room?.TrySetResult();
        _room = null;
        return true;
    }
}
