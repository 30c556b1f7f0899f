using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ObjectStore.Workloads.Ceiling;

/// <summary>A file that is written past the page cache where the file system can, and synced with fdatasync, as the store's are: what limits are measured with. Its name is gone once it is open.</summary>
internal sealed partial class DirectFile : IDisposable
{
    private const int ReadWriteNewCloseOnExec = 0x2 | 0x40 | 0x80 | 0x80000;
    private const int OwnerOnly = 0x180;
    private const int InvalidArgument = 22;

    // O_DIRECT is another bit on Arm.
    private static readonly int Direct = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    private readonly SafeFileHandle _file;

    /// <param name="path">What is there goes.</param>
    /// <exception cref="IOException">It could not be made.</exception>
    internal DirectFile(string path)
    {
        File.Delete(path);
        int descriptor = Open(path, ReadWriteNewCloseOnExec | Direct, OwnerOnly);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == InvalidArgument)
        {
            Console.Error.WriteLine($"{path}: this file system knows no direct I/O, so what follows is the page cache's speed");

            // The file may have been made before it was refused.
            File.Delete(path);
            descriptor = Open(path, ReadWriteNewCloseOnExec, OwnerOnly);
        }

        _file = new SafeFileHandle(Checked(descriptor, path), ownsHandle: true);
        File.Delete(path);
    }

    /// <summary>Writes all of it.</summary>
    /// <param name="block">Memory and length are multiples of 4 KiB.</param>
    /// <param name="offset">So is this.</param>
    /// <exception cref="IOException">The disk failed or is full.</exception>
    internal unsafe void Write(ReadOnlySpan<byte> block, long offset)
    {
        fixed (byte* bytes = block)
        {
            if (Checked(Write(_file, bytes, block.Length, offset), "write") != block.Length)
            {
                throw new IOException("write: cut short");
            }
        }
    }

    /// <exception cref="IOException">The disk failed.</exception>
    internal void Sync() => Checked(SyncData(_file), "sync");

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static unsafe partial nint Write(SafeFileHandle file, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);

    private static nint Checked(nint outcome, string what) =>
        outcome >= 0 ? outcome : throw new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
