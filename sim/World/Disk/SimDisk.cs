using System;
using System.Buffers;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>What was asked of a disk; tests and fault plans decide by it.</summary>
public enum DiskVerb
{
    /// <summary><see cref="IDisk.OpenAsync"/>.</summary>
    Open,

    /// <summary><see cref="IDisk.DeleteAsync"/>.</summary>
    Delete,

    /// <summary><see cref="IDisk.RenameAsync"/>.</summary>
    Rename,

    /// <summary><see cref="IDisk.ListAsync"/>.</summary>
    List,

    /// <summary><see cref="IDisk.SyncDirectoryAsync"/>.</summary>
    SyncDirectory,

    /// <summary><see cref="IDisk.MeasureAsync"/>.</summary>
    Measure,

    /// <summary><see cref="IDiskFile.ReadAsync"/>.</summary>
    Read,

    /// <summary><see cref="IDiskFile.WriteAsync"/>.</summary>
    Write,

    /// <summary><see cref="IDiskFile.SyncAsync"/>.</summary>
    Sync,

    /// <summary><see cref="IDiskFile.AllocateAsync"/>.</summary>
    Allocate,

    /// <summary><see cref="IDiskFile.TruncateAsync"/>.</summary>
    Truncate,
}

/// <summary>One request to a disk.</summary>
/// <param name="Number">Counts from 0 on this disk.</param>
/// <param name="Verb">What is asked.</param>
/// <param name="Name">The file.</param>
/// <param name="Offset">Where, in bytes.</param>
/// <param name="LengthBytes">How much.</param>
public readonly record struct DiskRequest(long Number, DiskVerb Verb, string Name, long Offset, int LengthBytes);

/// <summary>A disk that keeps what the contract of <see cref="IDisk"/> promises and not a bit more.</summary>
/// <remarks>
/// Every file has its durable bytes, its newest bytes and the list of changes between the two, sector by sector. A sync makes the changes that
/// completed before it durable. A crash (<see cref="Crash"/>) keeps the durable bytes and any of the pending sectors, in any order; lengths of one
/// file in the order in which they changed; each pending change of a name or not. A write in flight may leave any of its sectors.
/// </remarks>
public sealed partial class SimDisk : IDisk
{
    private static readonly SearchValues<char> NameLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");
    private readonly SimWorld _world;
    private readonly SortedDictionary<string, SimInode> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimInode> _durableNames = new(StringComparer.Ordinal);
    private readonly List<DirectoryChange> _pendingNames = [];
    private readonly SortedDictionary<int, SimInode> _open = [];
    private int _inodeCount;
    private long _sequence;
    private long _usedBytes;

    /// <summary>An empty disk.</summary>
    public SimDisk(SimWorld world, SimDiskOptions options, string name)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(options);
        _world = world;
        Options = options;
        Name = name;
    }

    /// <summary>For traces.</summary>
    public string Name { get; }

    /// <summary>What it is like.</summary>
    public SimDiskOptions Options { get; }

    /// <summary>What goes wrong on it.</summary>
    public SimDiskFaults Faults { get; private set; } = new();

    /// <inheritdoc/>
    public int SectorSizeBytes => Options.SectorSizeBytes;

    /// <summary>Requests so far.</summary>
    public long RequestCount { get; private set; }

    /// <summary>Writes of sectors, changes of lengths and of names that a crash now may lose; sectors of writes in flight not counted.</summary>
    public int PendingCount
    {
        get
        {
            int count = _pendingNames.Count;
            foreach (SimInode inode in Inodes())
            {
                count += inode.Pending.Count;
            }

            return count;
        }
    }

    /// <summary>Names in the folder now, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. _names.Keys];

    /// <summary>Stands among <see cref="OpenFiles"/> for a file that was deleted while it was open.</summary>
    public const string DeletedName = "(deleted)";

    /// <summary>Files that are open now, by name.</summary>
    public IReadOnlyList<string> OpenFiles
    {
        get
        {
            var names = new SortedDictionary<int, string>();
            foreach ((string name, SimInode inode) in _names)
            {
                names[inode.Id] = name;
            }

            var open = new List<string>();
            foreach (SimInode inode in _open.Values)
            {
                for (int count = 0; count < inode.OpenCount; count++)
                {
                    open.Add(names.GetValueOrDefault(inode.Id, DeletedName));
                }
            }

            return open;
        }
    }

    /// <summary>The life that may use it; requests of other lives are ignored.</summary>
    internal SimLife? Life { get; set; }

    internal SimWorld World => _world;

    /// <inheritdoc/>
    public ValueTask<Outcome<IDiskFile, DiskError>> OpenAsync(string name, DiskOpen mode)
    {
        CheckName(name);
        return Request<Outcome<IDiskFile, DiskError>>(DiskVerb.Open, name, 0, 0, static error => error, () => Open(name, mode));
    }

    /// <inheritdoc/>
    public ValueTask<DiskError> DeleteAsync(string name)
    {
        CheckName(name);
        return Request(DiskVerb.Delete, name, 0, 0, static error => error, () =>
        {
            if (!_names.Remove(name, out SimInode? inode))
            {
                return DiskError.NotFound;
            }

            _pendingNames.Add(new DirectoryChange(_sequence++, name, Added: null, inode));
            Unlink(inode);
            return DiskError.None;
        });
    }

    /// <inheritdoc/>
    public ValueTask<DiskError> RenameAsync(string from, string to)
    {
        CheckName(from);
        CheckName(to);
        return Request(DiskVerb.Rename, from, 0, 0, static error => error, () =>
        {
            if (!_names.TryGetValue(from, out SimInode? inode))
            {
                return DiskError.NotFound;
            }

            if (string.Equals(from, to, StringComparison.Ordinal))
            {
                return DiskError.None;
            }

            _names.Remove(from);
            if (_names.TryGetValue(to, out SimInode? replaced))
            {
                Unlink(replaced);
            }

            _names[to] = inode;
            _pendingNames.Add(new DirectoryChange(_sequence++, from, to, inode));
            return DiskError.None;
        });
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<IReadOnlyList<string>, DiskError>> ListAsync() =>
        Request(DiskVerb.List, "", 0, 0, static error => new Outcome<IReadOnlyList<string>, DiskError>(error), () => new Outcome<IReadOnlyList<string>, DiskError>(new List<string>(_names.Keys)));

    /// <inheritdoc/>
    public ValueTask<DiskError> SyncDirectoryAsync()
    {
        long mark = _sequence;
        return Request(DiskVerb.SyncDirectory, "", 0, 0, static error => error, () =>
        {
            int count = 0;
            while (count < _pendingNames.Count && _pendingNames[count].Sequence < mark)
            {
                _pendingNames[count++].ApplyTo(_durableNames);
            }

            _pendingNames.RemoveRange(0, count);
            return DiskError.None;
        });
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<DiskSpace, DiskError>> MeasureAsync() =>
        Request(DiskVerb.Measure, "", 0, 0, static error => new Outcome<DiskSpace, DiskError>(error), () => new Outcome<DiskSpace, DiskError>(new DiskSpace(Options.CapacityBytes, FreeBytes)));

    internal long FreeBytes => Math.Max(0, Options.CapacityBytes - Faults.ReservedBytes - _usedBytes);

    internal ref long Sequence => ref _sequence;

    internal void Use(long bytes) => _usedBytes += bytes;

    internal long Rounded(long bytes) => (bytes + SectorSizeBytes - 1) / SectorSizeBytes * SectorSizeBytes;

    internal void Close(SimInode inode)
    {
        if (--inode.OpenCount == 0)
        {
            _open.Remove(inode.Id);
        }

        Release(inode);
    }

    /// <summary>Lets a request take its time, then runs <paramref name="complete"/> unless a fault comes in between.</summary>
    internal ValueTask<T> Request<T>(DiskVerb verb, string name, long offset, int length, Func<DiskError, T> failed, Func<T> complete)
    {
        var request = new DiskRequest(RequestCount++, verb, name, offset, length);
        var operation = new DiskOperation<T>(this, request, failed, complete) { Life = Life };
        bool isAtOnce = Options.AtOncePerMillion > 0 && _world.Choices.Chance(Options.AtOncePerMillion, "disk.at-once");
        TimeSpan latency = isAtOnce ? TimeSpan.Zero : Latency(verb);
        _world.Observer?.DiskAsked(Name, request, _world.Now, latency);
        if (isAtOnce)
        {
            operation.Fire();
        }
        else
        {
            _world.Schedule(latency, operation);
        }

        return operation.Task;
    }

    internal static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 100 || name[0] == '.' || name.AsSpan().ContainsAnyExcept(NameLetters))
        {
            throw new ArgumentException($"not a name for a file: '{name}'", nameof(name));
        }
    }

    private TimeSpan Latency(DiskVerb verb)
    {
        int low = (int)(Options.LatencyMin.Ticks / TimeSpan.TicksPerMicrosecond);
        int high = (int)(Options.LatencyMax.Ticks / TimeSpan.TicksPerMicrosecond);
        long drawn = high > low ? _world.Choices.Between(low, high, "disk.latency") : low;
        long factor = verb is DiskVerb.Sync or DiskVerb.SyncDirectory ? Options.SyncLatencyFactor : 1;
        if (_world.Choices.Chance(Faults.StallsPerMillion, "disk.stall"))
        {
            factor *= Faults.StallFactor;
            _world.Fault("disk-stall", Name);
        }

        return new TimeSpan(drawn * factor * Faults.SlowFactor * TimeSpan.TicksPerMicrosecond);
    }

    private Outcome<IDiskFile, DiskError> Open(string name, DiskOpen mode)
    {
        if (!_names.TryGetValue(name, out SimInode? inode))
        {
            if (!mode.HasFlag(DiskOpen.Create))
            {
                return DiskError.NotFound;
            }

            if (FreeBytes == 0)
            {
                return DiskError.Full;
            }

            inode = new SimInode(_inodeCount++, SectorSizeBytes) { NameCount = 1 };
            _names[name] = inode;
            _pendingNames.Add(new DirectoryChange(_sequence++, Removed: null, name, inode));
        }
        else if (mode.HasFlag(DiskOpen.Create))
        {
            return DiskError.AlreadyExists;
        }

        inode.OpenCount++;
        _open[inode.Id] = inode;
        return new SimDiskFile(this, inode, name, mode.HasFlag(DiskOpen.Direct));
    }

    private void Unlink(SimInode inode)
    {
        inode.NameCount--;
        Release(inode);
    }

    private void Release(SimInode inode)
    {
        if (inode is { OpenCount: 0, NameCount: 0 })
        {
            Use(-Rounded(inode.Newest.LengthBytes));
        }
    }

    private SortedDictionary<int, SimInode>.ValueCollection Inodes()
    {
        var inodes = new SortedDictionary<int, SimInode>();
        foreach (SimInode inode in _names.Values)
        {
            inodes[inode.Id] = inode;
        }

        foreach (SimInode inode in _durableNames.Values)
        {
            inodes[inode.Id] = inode;
        }

        foreach (DirectoryChange change in _pendingNames)
        {
            inodes[change.Inode.Id] = change.Inode;
        }

        return inodes.Values;
    }

    private static string KindOf(DiskError error) => error switch
    {
        DiskError.ReadFailed => "read-fails",
        DiskError.WriteFailed => "write-fails",
        DiskError.SyncFailed => "sync-fails",
        DiskError.Gone => "gone",
        _ => "refuses",
    };

    private sealed class DiskOperation<T>(SimDisk disk, DiskRequest request, Func<DiskError, T> failed, Func<T> complete)
        : SimCompletion<T>(disk._world)
    {
        public override string ToString() => $"{disk.Name}: {request}";

        protected internal override void Fire()
        {
            DiskError fault = disk.Faults.Decide(request, World.Choices);
            if (fault != DiskError.None)
            {
                World.Fault("disk-" + KindOf(fault), disk.Name, (TraceField)("file", request.Name));
            }

            Complete(fault == DiskError.None ? complete() : failed(fault));
        }
    }
}
