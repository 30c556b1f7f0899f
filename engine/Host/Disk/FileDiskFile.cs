using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>An open file of a <see cref="FileDisk"/>.</summary>
/// <remarks>
/// Invariant: after a sync failed once, every later sync fails. The kernel drops the dirty pages and the next fdatasync would report success for
/// data that is gone (Rebello et al., ATC'20).
/// </remarks>
internal sealed class FileDiskFile(
    string name, SafeFileHandle handle, long lengthBytes, int alignmentBytes, IoThreads data, IoThreads sync, DiskTraffic traffic, ITrace trace) : IDiskFile
{
    /// <summary>Growth up to this much is filled with zeros, so that a log segment is later overwritten in place: a sync of a range that was only reserved
    /// must also commit the extent's change from unwritten to written (measured: 4.8k against 8.0k syncs a second). More is only reserved.</summary>
    internal const long ZeroFillBytesMax = 64L * 1024 * 1024;

    private const int ZeroBlockBytes = 1024 * 1024;

    private long _lengthBytes = lengthBytes;
    private int _syncFailed;

    public string Name => name;

    public long LengthBytes => Volatile.Read(ref _lengthBytes);

    public ValueTask<Outcome<int, DiskError>> ReadAsync(long offset, Memory<byte> buffer)
    {
        CheckAligned(offset, buffer.Length);
        return alignmentBytes == 1 && TryReadCached(offset, buffer)
            ? new ValueTask<Outcome<int, DiskError>>(buffer.Length)
            : data.RunAsync((File: this, offset, buffer), static call => call.File.Read(call.offset, call.buffer));
    }

    public ValueTask<DiskError> WriteAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        CheckAligned(offset, bytes.Length);
        return data.LeadAsync((File: this, offset, bytes), static call => call.File.Write(call.offset, call.bytes));
    }

    public ValueTask<DiskError> WriteDurablyAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        CheckAligned(offset, bytes.Length);
        return sync.LeadAsync(
            (File: this, offset, bytes),
            static call => call.File.Write(call.offset, call.bytes) is var error && error != DiskError.None ? error : call.File.Sync());
    }

    public ValueTask<DiskError> SyncAsync() => sync.LeadAsync(this, static file => file.Sync());

    public ValueTask<DiskError> AllocateAsync(long lengthBytes)
    {
        CheckAligned(lengthBytes, 0);
        return data.RunAsync((File: this, lengthBytes), static call => call.File.Allocate(call.lengthBytes));
    }

    public ValueTask<DiskError> TruncateAsync(long lengthBytes)
    {
        CheckAligned(lengthBytes, 0);
        return data.RunAsync((File: this, lengthBytes), static call => call.File.Truncate(call.lengthBytes));
    }

    public ValueTask DisposeAsync()
    {
        handle.Dispose();
        return ValueTask.CompletedTask;
    }

    private void CheckAligned(long offset, int length)
    {
        Invariant.Check(offset >= 0, "a file offset is not negative");
        Invariant.Check(offset % alignmentBytes == 0 && length % alignmentBytes == 0, "direct I/O is aligned to the sector");
    }

    /// <summary>Takes what lies whole in the page cache at once: a copy costs less than waking a thread for it.</summary>
    private unsafe bool TryReadCached(long offset, Memory<byte> buffer)
    {
        using var pinned = buffer.Pin();
        var vector = new LibC.IoVector { Base = pinned.Pointer, Length = buffer.Length };
        bool isWhole = LibC.ReadVector(handle, &vector, 1, offset, LibC.NoWait) == buffer.Length;
        if (isWhole)
        {
            traffic.CountRead(buffer.Length);
        }

        return isWhole;
    }

    private unsafe Outcome<int, DiskError> Read(long offset, Memory<byte> buffer)
    {
        using var pinned = buffer.Pin();
        CheckAddress(pinned.Pointer);
        int done = 0;
        while (done < buffer.Length)
        {
            nint count = LibC.Read(handle, (byte*)pinned.Pointer + done, buffer.Length - done, offset + done);
            if (count == 0)
            {
                break;
            }

            if (count < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno == LibC.Errno.Interrupted)
                {
                    continue;
                }

                return Failed("read", offset + done, errno, DiskError.ReadFailed);
            }

            done += (int)count;

            // A direct read that ends off the sector has met the end of the file; going on from there would be refused.
            if (done % alignmentBytes != 0)
            {
                break;
            }
        }

        traffic.CountRead(done);
        return done;
    }

    private unsafe DiskError Write(long offset, ReadOnlyMemory<byte> bytes)
    {
        using var pinned = bytes.Pin();
        CheckAddress(pinned.Pointer);
        int done = 0;
        while (done < bytes.Length)
        {
            nint count = LibC.Write(handle, (byte*)pinned.Pointer + done, bytes.Length - done, offset + done);
            if (count >= 0)
            {
                done += (int)count;
                continue;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno != LibC.Errno.Interrupted)
            {
                return Failed("write", offset + done, errno, DiskError.WriteFailed);
            }
        }

        if (done > 0)
        {
            GrowTo(offset + done);
        }

        traffic.CountWrite(done);

        return DiskError.None;
    }

    private DiskError Sync()
    {
        if (Volatile.Read(ref _syncFailed) != 0)
        {
            return DiskError.SyncFailed;
        }

        while (LibC.SyncData(handle) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != LibC.Errno.Interrupted)
            {
                Volatile.Write(ref _syncFailed, 1);
                _ = Failed("fdatasync", 0, errno, DiskError.SyncFailed);
                return DiskError.SyncFailed;
            }
        }

        traffic.CountSync();
        return DiskError.None;
    }

    private DiskError Allocate(long target)
    {
        long start = LengthBytes;
        if (target <= start)
        {
            return DiskError.None;
        }

        if (LibC.Allocate(handle, 0, start, target - start) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != LibC.Errno.NotSupported)
            {
                return GiveBack(start, Failed("fallocate", start, errno, DiskError.WriteFailed));
            }
        }

        if (target - start <= ZeroFillBytesMax)
        {
            DiskError filled = WriteZeros(start, target);
            if (filled != DiskError.None)
            {
                return GiveBack(start, filled);
            }
        }
        else if (LibC.Truncate(handle, target) != 0)
        {
            return Failed("ftruncate", target, Marshal.GetLastPInvokeError(), DiskError.WriteFailed);
        }

        GrowTo(target);
        return DiskError.None;
    }

    // A failed growth must not keep the space that it got so far. When even this fails the first error is still the one that counts.
    private DiskError GiveBack(long start, DiskError why)
    {
        _ = LibC.Truncate(handle, start);
        return why;
    }

    private unsafe DiskError WriteZeros(long start, long end)
    {
        void* zeros = NativeMemory.AlignedAlloc(ZeroBlockBytes, 4096);
        try
        {
            NativeMemory.Clear(zeros, ZeroBlockBytes);
            long at = start;
            while (at < end)
            {
                nint count = LibC.Write(handle, (byte*)zeros, (nint)Math.Min(ZeroBlockBytes, end - at), at);
                if (count >= 0)
                {
                    at += count;
                    continue;
                }

                int errno = Marshal.GetLastPInvokeError();
                if (errno != LibC.Errno.Interrupted)
                {
                    return Failed("write", at, errno, DiskError.WriteFailed);
                }
            }

            return DiskError.None;
        }
        finally
        {
            NativeMemory.AlignedFree(zeros);
        }
    }

    private DiskError Truncate(long target)
    {
        if (target >= LengthBytes)
        {
            return DiskError.None;
        }

        if (LibC.Truncate(handle, target) != 0)
        {
            return Failed("ftruncate", target, Marshal.GetLastPInvokeError(), DiskError.WriteFailed);
        }

        Volatile.Write(ref _lengthBytes, target);
        return DiskError.None;
    }

    private void GrowTo(long end)
    {
        long seen = LengthBytes;
        while (end > seen)
        {
            long before = Interlocked.CompareExchange(ref _lengthBytes, end, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private unsafe void CheckAddress(void* address) =>
        Invariant.Check((nuint)address % (nuint)alignmentBytes == 0, "a direct I/O buffer is aligned to the sector");

    private DiskError Failed(string call, long offset, int errno, DiskError otherwise)
    {
        DiskError error = FileDisk.Classify(errno, otherwise);
        trace.Emit(
            error == DiskError.Full ? TraceLevel.Warning : TraceLevel.Error,
            "disk",
            "call-failed",
            ("call", call),
            ("file", name),
            ("offset", offset),
            ("errno", errno));
        return error;
    }
}
