using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>Bytes per second that background work may move on this node. Lives on one loop.</summary>
/// <remarks>A bucket that holds a second's worth; what is taken beyond it is waited for afterwards, so a piece may be larger than the bucket.</remarks>
public sealed class RateBudget(IClock clock, long bytesPerSecond)
{
    private TimeSpan _paidUntil;

    /// <summary>The budget.</summary>
    public long BytesPerSecond { get; } = bytesPerSecond > 0 ? bytesPerSecond : throw new ArgumentOutOfRangeException(nameof(bytesPerSecond));

    /// <summary>Bytes taken since the start.</summary>
    public long TakenBytes { get; private set; }

    /// <summary>Ends when so many bytes may be moved.</summary>
    public async ValueTask TakeAsync(long bytes)
    {
        TakenBytes += bytes;
        TimeSpan now = clock.Now;
        TimeSpan floor = now - TimeSpan.FromSeconds(1);
        TimeSpan begin = _paidUntil > floor ? _paidUntil : floor;
        _paidUntil = begin + TimeSpan.FromSeconds((double)bytes / BytesPerSecond);
        if (_paidUntil > now)
        {
            await clock.DelayAsync(_paidUntil - now);
        }
    }
}
