using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <content>Keeps the last of the disk for what frees space: a disk that is full to the brim could not even log a deletion.</content>
public sealed partial class OrderedStore
{
    private const int FullAttemptsMax = 5;

    private readonly Signal _spaceWake = new();
    private bool _spaceIsLow;
    private bool _compactionIsFull;

    private bool IsFlushFull => _flushFullAttempts > 0;

    private bool IsLow => _spaceIsLow || IsFlushFull || _compactionIsFull;

    /// <summary>Looks at the free space whenever a memtable was closed, flushed or runs were merged, and again and again while it is low.</summary>
    private async Task WatchSpaceAsync()
    {
        while (!_stopsNow && _failure is null)
        {
            Outcome<DiskSpace, DiskError> space = await _context.Disk.MeasureAsync();
            bool wasLow = _spaceIsLow;
            _spaceIsLow = space.Ok && space.Value.FreeBytes < Math.Min(_options.ReserveBytes, space.Value.TotalBytes / OrderedStoreOptions.ReserveShareMax);
            if (wasLow != _spaceIsLow)
            {
                _context.Trace.Emit(TraceLevel.Warning, "store", _spaceIsLow ? "space-low" : "space-enough", ("freeBytes", space.Value.FreeBytes));
                _changed.Open();
            }

            if (_spaceIsLow && !_isClosing)
            {
                _context.Trace.Mark("store-space-low");
                await _context.Environment.Clock.DelayAsync(_options.FullRetryDelay);
            }
            else
            {
                await _spaceWake.WaitAsync();
            }
        }
    }
}
