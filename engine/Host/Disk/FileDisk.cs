using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>A folder of a Linux file system as an <see cref="IDisk"/>.</summary>
/// <remarks>
/// Data calls and syncs have threads of their own, so that a slow sync holds up no read. A file system that refuses O_DIRECT (some tmpfs) is used
/// through the page cache, which is said once in the log: durable all the same, slower.
/// The sector is always 4096 bytes, whatever the device says: a data folder may be moved to another device, and direct I/O aligned to 4096 works on all.
/// </remarks>
public sealed class FileDisk : IDisk, IDisposable
{
    private const int FileMode = 0x180; // rw-------
    private const int NameCharsMax = 100;

    private readonly string _folder;
    private readonly ITrace _trace;
    private readonly SafeFileHandle _directory;
    private readonly IoThreads _data;
    private readonly IoThreads _sync;
    private int _directRefused;

    /// <summary>Opens a folder, creating it when missing.</summary>
    /// <param name="folder">Where the files live; nothing else should.</param>
    /// <param name="trace">For the warning about direct I/O and for errors that have no better place.</param>
    /// <param name="dataThreads">Reads and writes in flight at the device, at most.</param>
    /// <param name="syncThreads">Syncs in flight, at most.</param>
    /// <exception cref="IOException">The folder cannot be made or opened.</exception>
    public FileDisk(string folder, ITrace trace, int dataThreads = 12, int syncThreads = 4)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentOutOfRangeException.ThrowIfLessThan(dataThreads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(syncThreads, 1);
        _folder = Path.GetFullPath(folder);
        _trace = trace;
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        int descriptor = LibC.Open(_folder, LibC.ReadOnly | LibC.Directory | LibC.CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw new IOException($"Cannot open the folder {_folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        _directory = new SafeFileHandle(descriptor, ownsHandle: true);
        _data = new IoThreads("disk-data", dataThreads);
        _sync = new IoThreads("disk-sync", syncThreads);
    }

    /// <summary>What was asked of it so far.</summary>
    internal DiskTraffic Traffic { get; } = new();

    /// <inheritdoc/>
    public int SectorSizeBytes => 4096;

    /// <inheritdoc/>
    public ValueTask<Outcome<IDiskFile, DiskError>> OpenAsync(string name, DiskOpen mode)
    {
        CheckName(name);
        return _data.RunAsync((Disk: this, name, mode), static call => call.Disk.Open(call.name, call.mode));
    }

    /// <inheritdoc/>
    public ValueTask<DiskError> DeleteAsync(string name)
    {
        CheckName(name);
        return _data.RunAsync((Disk: this, name), static call => LibC.Unlink(call.Disk.PathOf(call.name)) == 0
            ? DiskError.None
            : call.Disk.NameError("unlink", call.name));
    }

    /// <inheritdoc/>
    public ValueTask<DiskError> RenameAsync(string from, string to)
    {
        CheckName(from);
        CheckName(to);
        return _data.RunAsync((Disk: this, from, to), static call => LibC.Rename(call.Disk.PathOf(call.from), call.Disk.PathOf(call.to)) == 0
            ? DiskError.None
            : call.Disk.NameError("rename", call.from));
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<IReadOnlyList<string>, DiskError>> ListAsync() => _data.RunAsync(this, static disk => disk.List());

    /// <inheritdoc/>
    public ValueTask<DiskError> SyncDirectoryAsync() => _sync.RunAsync(this, static disk => disk.SyncDirectory());

    /// <inheritdoc/>
    public ValueTask<Outcome<DiskSpace, DiskError>> MeasureAsync() => _data.RunAsync(this, static disk => disk.Measure());

    /// <summary>Finishes calls in flight and ends the threads; files must have been closed.</summary>
    public void Dispose()
    {
        _data.Dispose();
        _sync.Dispose();
        _directory.Dispose();
    }

    /// <summary>What an error number means to the engine, where there is no more special meaning.</summary>
    internal static DiskError Classify(int errno, DiskError otherwise) => errno switch
    {
        LibC.Errno.NoSpace or LibC.Errno.Quota => DiskError.Full,
        LibC.Errno.NoDevice or LibC.Errno.NoSuchDevice => DiskError.Gone,
        _ => otherwise,
    };

    private static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name))
        {
            throw new ArgumentException($"'{name}' is not 1 to 100 of [a-z0-9.-], or starts with a dot.", nameof(name));
        }
    }

    private static bool IsName(string name)
    {
        if (name.Length is 0 or > NameCharsMax || name[0] == '.')
        {
            return false;
        }

        foreach (char letter in name)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter is not ('.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private string PathOf(string name) => Path.Join(_folder, name);

    private Outcome<IDiskFile, DiskError> Open(string name, DiskOpen mode)
    {
        int flags = LibC.ReadWrite | LibC.CloseOnExec | (mode.HasFlag(DiskOpen.Create) ? LibC.Create | LibC.Exclusive : 0);
        bool direct = mode.HasFlag(DiskOpen.Direct);
        if (direct && Volatile.Read(ref _directRefused) == 0)
        {
            int descriptor = OpenDescriptor(name, flags | LibC.Direct);
            if (descriptor >= 0)
            {
                return Opened(name, descriptor, direct);
            }

            if (Marshal.GetLastPInvokeError() != LibC.Errno.Invalid)
            {
                return NameError("open", name);
            }

            if (Interlocked.Exchange(ref _directRefused, 1) == 0)
            {
                _trace.Emit(TraceLevel.Warning, "disk", "direct-io-refused", ("folder", _folder));
            }

            // A refused open with O_CREAT may have left the empty file behind.
            flags &= ~LibC.Exclusive;
        }

        int buffered = OpenDescriptor(name, flags);
        return buffered >= 0 ? Opened(name, buffered, direct) : NameError("open", name);
    }

    private int OpenDescriptor(string name, int flags)
    {
        int descriptor;
        do
        {
            descriptor = LibC.Open(PathOf(name), flags, FileMode);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == LibC.Errno.Interrupted);

        return descriptor;
    }

    private FileDiskFile Opened(string name, int descriptor, bool direct)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return new FileDiskFile(name, handle, RandomAccess.GetLength(handle), direct ? SectorSizeBytes : 1, _data, _sync, Traffic, _trace);
    }

    private Outcome<IReadOnlyList<string>, DiskError> List()
    {
        try
        {
            var names = new List<string>();
            foreach (string path in Directory.EnumerateFiles(_folder))
            {
                string name = Path.GetFileName(path);
                if (IsName(name))
                {
                    names.Add(name);
                }
            }

            names.Sort(StringComparer.Ordinal);
            return names;
        }
        catch (IOException failure)
        {
            _trace.Emit(TraceLevel.Error, "disk", "list-failed", ("reason", failure.Message));
            return DiskError.Gone;
        }
    }

    private DiskError SyncDirectory()
    {
        if (LibC.Sync(_directory) == 0)
        {
            return DiskError.None;
        }

        int errno = Marshal.GetLastPInvokeError();
        _trace.Emit(TraceLevel.Error, "disk", "sync-directory-failed", ("errno", errno));
        return Classify(errno, DiskError.SyncFailed);
    }

    private Outcome<DiskSpace, DiskError> Measure()
    {
        try
        {
            var drive = new DriveInfo(_folder);
            return new DiskSpace(drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (IOException)
        {
            return DiskError.Gone;
        }
    }

    private DiskError NameError(string call, string name)
    {
        int errno = Marshal.GetLastPInvokeError();
        switch (errno)
        {
            case LibC.Errno.NotFound:
                return DiskError.NotFound;
            case LibC.Errno.Exists:
                return DiskError.AlreadyExists;
            default:
                _trace.Emit(TraceLevel.Error, "disk", "call-failed", ("call", call), ("file", name), ("errno", errno));
                return Classify(errno, DiskError.Gone);
        }
    }
}
