using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>An open file of a <see cref="SimDisk"/>.</summary>
internal sealed class SimDiskFile(SimDisk disk, SimInode inode, string name, bool direct) : IDiskFile
{
    private bool _closed;
    private int _underWay;

    public string Name => name;

    public long LengthBytes => inode.Newest.LengthBytes;

    public ValueTask<Outcome<int, DiskError>> ReadAsync(long offset, Memory<byte> buffer)
    {
        CheckRange(offset, buffer.Span);
        return Request<Outcome<int, DiskError>>(DiskVerb.Read, offset, buffer.Length, static error => error, () => Read(offset, buffer.Span));
    }

    public ValueTask<DiskError> WriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        CheckRange(offset, data.Span);
        var write = new WriteInFlight(disk.Sequence++, offset, data.ToArray());
        inode.InFlight.Add(write);
        return Request(DiskVerb.Write, offset, data.Length, error => FailWrite(write, error), () => Write(write, data.Span));
    }

    public ValueTask<DiskError> SyncAsync()
    {
        CheckOpen();
        long mark = disk.Sequence;
        return Request(DiskVerb.Sync, 0, 0, error => FailSync(mark, error), () =>
        {
            inode.MakeDurable(mark);
            return DiskError.None;
        });
    }

    public ValueTask<DiskError> AllocateAsync(long lengthBytes)
    {
        CheckOpen();
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        return Request(DiskVerb.Allocate, lengthBytes, 0, static error => error, () =>
        {
            DiskError full = Reserve(lengthBytes);
            if (full == DiskError.None)
            {
                inode.Grow(lengthBytes, ref disk.Sequence);
            }

            return full;
        });
    }

    public ValueTask<DiskError> TruncateAsync(long lengthBytes)
    {
        CheckOpen();
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        return Request(DiskVerb.Truncate, lengthBytes, 0, static error => error, () =>
        {
            long before = disk.Rounded(LengthBytes);
            inode.Truncate(lengthBytes, ref disk.Sequence);
            disk.Use(disk.Rounded(LengthBytes) - before);
            return DiskError.None;
        });
    }

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            if (_underWay > 0)
            {
                throw new InvalidOperationException($"'{name}' is closed while {_underWay} of its requests are under way");
            }

            _closed = true;
            disk.Close(inode);
        }

        return default;
    }

    private ValueTask<T> Request<T>(DiskVerb verb, long offset, int length, Func<DiskError, T> failed, Func<T> complete)
    {
        _underWay++;
        return disk.Request(
            verb,
            name,
            offset,
            length,
            error =>
            {
                _underWay--;
                return failed(error);
            },
            () =>
            {
                _underWay--;
                return complete();
            });
    }

    private Outcome<int, DiskError> Read(long offset, Span<byte> destination)
    {
        if (inode.BadSectors.Count > 0 && destination.Length > 0)
        {
            long last = (offset + destination.Length - 1) / disk.SectorSizeBytes;
            if (inode.BadSectors.GetViewBetween(offset / disk.SectorSizeBytes, last).Count > 0)
            {
                return DiskError.ReadFailed;
            }
        }

        IChoices choices = disk.World.Choices;
        if (destination.Length > 0 && offset < LengthBytes && disk.Faults.MayDamage(name))
        {
            if (choices.Chance(disk.Faults.RotPerMillion, "disk.rot"))
            {
                long length = Math.Min(destination.Length, LengthBytes - offset);
                disk.World.Fault("disk-rot", disk.Name, (TraceField)("file", name));
                inode.FlipBit(offset + choices.Next((int)length, "disk.rot-byte"), choices.Next(8, "disk.rot-bit"));
            }

            if (choices.Chance(disk.Faults.MisdirectedReadsPerMillion, "disk.misdirected-read"))
            {
                disk.World.Fault("disk-misdirected-read", disk.Name, (TraceField)("file", name));
                int count = inode.Newest.Read(offset, destination);
                inode.Newest.Read(Elsewhere(offset, count), destination[..count]);
                return count;
            }
        }

        return inode.Newest.Read(offset, destination);
    }

    /// <summary>A sector boundary of the file, apart from <paramref name="offset"/> when the file is long enough.</summary>
    private long Elsewhere(long offset, int lengthBytes)
    {
        long last = Math.Max(0, (LengthBytes - lengthBytes) / disk.SectorSizeBytes);
        long sector = disk.World.Choices.Next((int)Math.Min(last + 1, int.MaxValue), "disk.elsewhere");
        return sector == offset / disk.SectorSizeBytes ? (sector > 0 ? sector - 1 : Math.Min(1, last)) * disk.SectorSizeBytes : sector * disk.SectorSizeBytes;
    }

    private DiskError Write(WriteInFlight write, ReadOnlySpan<byte> now)
    {
        inode.InFlight.Remove(write);
        if (!now.SequenceEqual(write.Data))
        {
            throw new SimMisuseException($"the buffer of a write to '{name}' at {write.Offset} was changed before the write completed");
        }

        DiskError full = Reserve(write.Offset + write.Data.Length);
        if (full == DiskError.None)
        {
            Store(write);
        }

        return full;
    }

    private void Store(WriteInFlight write)
    {
        IChoices choices = disk.World.Choices;
        if (write.Data.Length > 0 && disk.Faults.MayDamage(name) && choices.Chance(disk.Faults.MisdirectedWritesPerMillion, "disk.misdirected-write"))
        {
            disk.World.Fault("disk-misdirected-write", disk.Name, (TraceField)("file", name));
            inode.Grow(write.Offset + write.Data.Length, ref disk.Sequence);
            inode.Write(Elsewhere(write.Offset, write.Data.Length), write.Data, ref disk.Sequence);
            return;
        }

        inode.Write(write.Offset, write.Data, ref disk.Sequence);
        if (write.Data.Length > 0 && choices.Chance(disk.Faults.LatentErrorsPerMillion, "disk.latent-error"))
        {
            disk.World.Fault("disk-latent-error", disk.Name, (TraceField)("file", name));
            int sectors = (int)(((write.Offset + write.Data.Length - 1) / disk.SectorSizeBytes) - (write.Offset / disk.SectorSizeBytes) + 1);
            inode.BadSectors.Add((write.Offset / disk.SectorSizeBytes) + choices.Next(sectors, "disk.latent-sector"));
        }
    }

    /// <summary>A failed write may have reached the medium in part.</summary>
    private DiskError FailWrite(WriteInFlight write, DiskError error)
    {
        inode.InFlight.Remove(write);
        if (error == DiskError.WriteFailed && write.Data.Length > 0)
        {
            int size = disk.SectorSizeBytes;
            for (long sector = write.Offset / size; sector <= (write.Offset + write.Data.Length - 1) / size; sector++)
            {
                if (sector < inode.Newest.SectorCount && disk.World.Choices.Next(2, "disk.torn-write") == 1)
                {
                    inode.WriteSector(sector, inode.Newest.Overlay(sector, write.Offset, write.Data), ref disk.Sequence);
                }
            }

            inode.Newest.Trim();
        }

        return error;
    }

    private DiskError FailSync(long mark, DiskError error)
    {
        if (error == DiskError.SyncFailed)
        {
            inode.LosePending(mark, disk.World.Choices.Next(2, "disk.sync-lost") == 1);
        }

        return error;
    }

    private DiskError Reserve(long lengthBytes)
    {
        long more = disk.Rounded(lengthBytes) - disk.Rounded(LengthBytes);
        if (more <= 0)
        {
            return DiskError.None;
        }

        if (more > disk.FreeBytes)
        {
            return DiskError.Full;
        }

        disk.Use(more);
        return DiskError.None;
    }

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_closed, this);

    private unsafe void CheckRange(long offset, ReadOnlySpan<byte> buffer)
    {
        CheckOpen();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (!direct)
        {
            return;
        }

        fixed (byte* address = buffer)
        {
            long mask = disk.SectorSizeBytes - 1;
            if ((offset & mask) != 0 || (buffer.Length & mask) != 0 || ((nint)address & mask) != 0)
            {
                throw new SimMisuseException(
                    $"direct I/O on '{name}' must be aligned to {disk.SectorSizeBytes}: offset {offset}, length {buffer.Length}, address off by {(nint)address & mask}");
            }
        }
    }
}
