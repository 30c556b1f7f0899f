using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ObjectStore.Engine.Host;

/// <summary>The folder of one node, held by one process at a time.</summary>
/// <remarks>
/// <c>lock</c>: flock(2)ed by the holder, with its process id inside for people to read. <c>root.json</c>: the root identity. <c>master.key</c>: the secret of server-side encryption. <c>admin.sock</c>: where a
/// running server takes admin commands. <c>store/</c>: the disk of the engine. <c>cluster/</c>: the certificate of a node of a region. The kernel drops the lock when the holder dies, however it dies.
/// </remarks>
internal sealed class DataFolder : IDisposable
{
    private readonly SafeFileHandle _lock;

    private DataFolder(string path, SafeFileHandle held)
    {
        Path = path;
        _lock = held;
    }

    internal string Path { get; }

    internal string StorePath => System.IO.Path.Join(Path, "store");

    internal string RootPath => System.IO.Path.Join(Path, "root.json");

    internal string MasterKeyPath => System.IO.Path.Join(Path, "master.key");

    internal static string SocketPath(string path) => System.IO.Path.Join(path, "admin.sock");

    /// <summary>Creates the folder when missing and takes its lock.</summary>
    /// <returns>The folder, or null when another process holds it.</returns>
    /// <exception cref="CommandFailedException">It cannot be made or opened.</exception>
    internal static DataFolder? TryAcquire(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot create the data folder {full}: {failure.Message}");
        }

        string file = System.IO.Path.Join(full, "lock");
        int descriptor = LibC.Open(file, LibC.ReadWrite | LibC.Create | LibC.CloseOnExec, 0x180);
        if (descriptor < 0)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot open {file}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LibC.Lock(handle, LibC.LockExclusive | LibC.LockNonBlocking) == 0)
        {
            RandomAccess.SetLength(handle, 0);
            RandomAccess.Write(handle, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")), 0);
            return new DataFolder(full, handle);
        }

        int errno = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return errno == LibC.Errno.WouldBlock
            ? null
            : throw new CommandFailedException(ExitCode.Failed, $"cannot lock {file}: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    /// <summary>Writes a small file so that after a crash there is the old one or the new one, readable by its owner only.</summary>
    internal void WriteDurably(string file, ReadOnlySpan<byte> content)
    {
        string draft = file + ".draft";
        File.Delete(draft);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(draft, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
        using var folder = new SafeFileHandle(LibC.Open(Path, LibC.ReadOnly | LibC.Directory | LibC.CloseOnExec, 0), ownsHandle: true);
        if (folder.IsInvalid || LibC.Sync(folder) != 0)
        {
            throw new IOException($"cannot sync {Path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Gives the folder free.</summary>
    public void Dispose() => _lock.Dispose();
}
