using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ObjectStore.Engine.Host;

/// <summary>The Linux calls that .NET has no form of, or none that tells errors apart. Each returns -1 on failure, with the reason in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static partial class LibC
{
    internal const int ReadOnly = 0;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int Exclusive = 0x80;
    internal const int CloseOnExec = 0x80000;
    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int NoWait = 8;

    // O_DIRECT and O_DIRECTORY trade places between the two processor families.
    internal static readonly int Direct = IsArm ? 0x10000 : 0x4000;
    internal static readonly int Directory = IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static unsafe partial nint Read(SafeFileHandle file, byte* buffer, nint count, long offset);

    /// <summary>A read with flags (preadv2(2)); with <see cref="NoWait"/> it takes only what lies in the page cache.</summary>
    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    internal static unsafe partial nint ReadVector(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static unsafe partial nint Write(SafeFileHandle file, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);

    /// <summary>Mode 0: reserves the range and lengthens the file. Returns -1 and sets the error, unlike posix_fallocate.</summary>
    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>Where a vectored call finds memory (struct iovec).</summary>
    internal unsafe struct IoVector
    {
        internal void* Base;
        internal nint Length;
    }

    /// <summary>Linux error numbers that are told apart.</summary>
    internal static class Errno
    {
        internal const int NotFound = 2;
        internal const int Interrupted = 4;
        internal const int InputOutput = 5;
        internal const int NoDevice = 6;
        internal const int WouldBlock = 11;
        internal const int Exists = 17;
        internal const int NoSuchDevice = 19;
        internal const int Invalid = 22;
        internal const int NoSpace = 28;
        internal const int NotSupported = 95;
        internal const int Quota = 122;
    }
}
