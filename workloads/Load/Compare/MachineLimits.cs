using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading;
using ObjectStore.Workloads.Ceiling;

namespace ObjectStore.Workloads.Load.Compare;

/// <summary>What disk and processor allow, measured in the same run.</summary>
/// <param name="CommitsPerSecond">By number of clients: durable 4 KiB records a second when all that wait go into one write and one fdatasync, over a log that was written before.</param>
/// <param name="DiskMebibytesPerSecond">Durable direct writes of 1 MiB, four in flight, a sync after every 16 MiB, over a file that was written before: no blocks are allocated while it is timed.</param>
/// <param name="Md5MebibytesPerSecond">MD5 of the runtime, on all cores.</param>
internal sealed record MachineLimits(IReadOnlyDictionary<int, double> CommitsPerSecond, double DiskMebibytesPerSecond, double Md5MebibytesPerSecond)
{
    private const int RecordBytes = 4096;
    private const int ChunkBytes = 1024 * 1024;
    private const long LogBytes = 64L * 1024 * 1024;
    private const long DataBytes = 1024L * 1024 * 1024;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(2);

    internal static MachineLimits Measure(string folder, IEnumerable<int> concurrency) =>
        new(concurrency.ToDictionary(static clients => clients, clients => Commits(folder, clients)), Disk(folder), Md5());

    private static double Commits(string folder, int clients)
    {
        using DirectFile file = new(Path.Combine(folder, "limit-log"));
        WriteOnce(file, LogBytes);
        using AlignedBlock block = new(clients * RecordBytes);
        int length = clients * RecordBytes;
        long records = 0;
        long offset = 0;
        var elapsed = Stopwatch.StartNew();
        while (elapsed.Elapsed < Time)
        {
            offset = offset + length > LogBytes ? 0 : offset;
            file.Write(block.Span[..length], offset);
            file.Sync();
            offset += length;
            records += clients;
        }

        return records / elapsed.Elapsed.TotalSeconds;
    }

    private static double Disk(string folder)
    {
        using DirectFile file = new(Path.Combine(folder, "limit-data"));
        WriteOnce(file, DataBytes);
        long written = 0;
        long next = 0;
        var elapsed = Stopwatch.StartNew();
        OnThreads(4, () =>
        {
            using AlignedBlock block = new(ChunkBytes);
            int count = 0;
            while (elapsed.Elapsed < Time)
            {
                file.Write(block.Span, (Interlocked.Add(ref next, ChunkBytes) - ChunkBytes) % DataBytes);
                if (++count % 4 == 0)
                {
                    file.Sync();
                }

                Interlocked.Add(ref written, ChunkBytes);
            }
        });
        file.Sync();
        return written / elapsed.Elapsed.TotalSeconds / ChunkBytes;
    }

    /// <summary>Gives a file its blocks.</summary>
    private static void WriteOnce(DirectFile file, long lengthBytes)
    {
        using AlignedBlock block = new(ChunkBytes);
        for (long at = 0; at < lengthBytes; at += ChunkBytes)
        {
            file.Write(block.Span, at);
        }

        file.Sync();
    }

    private static double Md5()
    {
        long hashed = 0;
        var elapsed = Stopwatch.StartNew();
        OnThreads(Environment.ProcessorCount, () =>
        {
            byte[] data = new byte[ChunkBytes];
            byte[] digest = new byte[16];
            while (elapsed.Elapsed < Time)
            {
                MD5.HashData(data, digest);
                Interlocked.Add(ref hashed, ChunkBytes);
            }
        });
        return hashed / elapsed.Elapsed.TotalSeconds / ChunkBytes;
    }

    private static void OnThreads(int count, Action body)
    {
        Thread[] threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(() => body()))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    private sealed unsafe class AlignedBlock(int length) : IDisposable
    {
        private readonly void* _memory = NativeMemory.AlignedAlloc((nuint)length, 4096);

        internal Span<byte> Span => new(_memory, length);

        public void Dispose() => NativeMemory.AlignedFree(_memory);
    }
}
