using System.IO;
using System.Linq;

namespace ObjectStore.Workloads.Load.Memory;

/// <summary>What a server holds at one moment.</summary>
/// <param name="ResidentBytes">Memory.</param>
/// <param name="ResidentBytesMost">The most memory since its start.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Files">Files of the store.</param>
/// <param name="DiskBytes">Their lengths together.</param>
internal readonly record struct ServerFootprint(long ResidentBytes, long ResidentBytesMost, int Handles, int Threads, int Files, long DiskBytes)
{
    /// <summary>Takes it, of a process and its data folder.</summary>
    internal static ServerFootprint Of(int process, string data)
    {
        (long now, long most) = ResidentMemory.Of(process);
        (int files, long bytes) = FilesOf(data);
        return new ServerFootprint(
            now, most, Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count(), Directory.EnumerateDirectories($"/proc/{process}/task").Count(), files, bytes);
    }

    /// <summary>Files of a folder that may come and go while they are counted, and their lengths.</summary>
    internal static (int Count, long Bytes) FilesOf(string data)
    {
        (int count, long bytes) = (0, 0L);
        foreach (string file in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories))
        {
            var info = new FileInfo(file);
            if (info.Exists)
            {
                (count, bytes) = (count + 1, bytes + info.Length);
            }
        }

        return (count, bytes);
    }
}
