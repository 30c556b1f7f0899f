using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;

namespace ObjectStore.Workloads.Ceiling;

/// <summary>
/// The least that makes a PUT durable: one thread takes all bodies that wait, writes them as one run of direct I/O into a file that was written before, syncs it and answers all of them (group commit;
/// DeWitt et al., "Implementation Techniques for Main Memory Database Systems", 1984). No checksum, no index: nothing that was written is found again. Lives as long as the process.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the process.")]
internal sealed unsafe class GroupCommitLog
{
    private const int PageBytes = 4096;
    private const int GroupBytesMax = 4 * 1024 * 1024;
    private const long FileBytes = 256L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly byte* _block = (byte*)NativeMemory.AlignedAlloc(GroupBytesMax, PageBytes);
    private readonly DirectFile _file;
    private Queue<Record> _queued = new();
    private long _at;

    internal GroupCommitLog(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = new DirectFile(Path.Combine(folder, "ceiling-log"));
        new Span<byte>(_block, GroupBytesMax).Clear();
        for (long at = 0; at < FileBytes; at += GroupBytesMax)
        {
            _file.Write(new ReadOnlySpan<byte>(_block, GroupBytesMax), at);
        }

        _file.Sync();
        new Thread(Run) { IsBackground = true, Name = "log" }.Start();
    }

    /// <summary>Completes when <paramref name="body"/> is durable; it must stay as it is until then.</summary>
    internal Task AppendAsync(ReadOnlySequence<byte> body)
    {
        var record = new Record(body);
        lock (_gate)
        {
            _queued.Enqueue(record);
            if (_queued.Count > 1)
            {
                return record.Done.Task;
            }
        }

        _waiting.Release();
        return record.Done.Task;
    }

    private void Run()
    {
        ThreadPolicy.RunAtOnce();
        Queue<Record> taken = new();
        while (true)
        {
            _waiting.Wait();
            lock (_gate)
            {
                (taken, _queued) = (_queued, taken);
            }

            Write(taken);
            taken.Clear();
        }
    }

    private void Write(Queue<Record> records)
    {
        int length = 0;
        foreach (Record record in records)
        {
            foreach (ReadOnlyMemory<byte> part in record.Body)
            {
                for (ReadOnlySpan<byte> rest = part.Span; !rest.IsEmpty;)
                {
                    int take = Math.Min(rest.Length, GroupBytesMax - length);
                    rest[..take].CopyTo(new Span<byte>(_block + length, take));
                    rest = rest[take..];
                    length += take;
                    if (length == GroupBytesMax)
                    {
                        WriteBlock(length);
                        length = 0;
                    }
                }
            }

            length = (length + PageBytes - 1) & ~(PageBytes - 1);
        }

        if (length > 0)
        {
            WriteBlock(length);
        }

        _file.Sync();
        foreach (Record record in records)
        {
            record.Done.SetResult();
        }
    }

    private void WriteBlock(int length)
    {
        if (_at + length > FileBytes)
        {
            _at = 0;
        }

        _file.Write(new ReadOnlySpan<byte>(_block, length), _at);
        _at += length;
    }

    private sealed class Record(ReadOnlySequence<byte> body)
    {
        internal ReadOnlySequence<byte> Body { get; } = body;

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
