using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Http;

namespace ObjectStore.Workloads.Load.Memory;

/// <summary>Options of a memory run.</summary>
internal sealed record MemoryOptions(
    ServerProgram Server, long SizeBytes, long PartSizeBytes, long LimitBytes, int Concurrency, string Folder);

/// <summary>One object as a whole and one in parts, up and down, every byte checked; the server's memory is looked at all the while.</summary>
internal static class MemoryRun
{
    private const string Bucket = "memory";

    /// <returns>The most resident memory that the server ever had.</returns>
    /// <exception cref="InvalidOperationException">A request failed or a byte was wrong.</exception>
    internal static async Task<long> RunAsync(MemoryOptions options, TextWriter progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Folder);
        ServerCommand command = options.Server.Serving(options.Folder, "memory");
        using ServerProcess server = await ServerProcess.StartAsync(command, cancellation);
        using var s3 = new S3HttpClient(command.Endpoint, TimeSpan.FromHours(2));
        using S3Answer created = await s3.CreateBucketAsync(Bucket, cancellation);
        Demand(created, "create bucket");

        await PhaseAsync("put whole", () => PutWholeAsync(s3, options, cancellation));
        await PhaseAsync("get", () => CheckAsync(s3, "whole", seed: 1, options.SizeBytes, cancellation));
        await PhaseAsync("put in parts", () => PutInPartsAsync(s3, options, cancellation));
        await PhaseAsync("get", () => CheckAsync(s3, "parts", seed: 2, options.SizeBytes, cancellation));
        return ResidentMemory.Of(server.Id).Most;

        async Task PhaseAsync(string name, Func<Task> phase)
        {
            long most = 0;
            long started = Stopwatch.GetTimestamp();
            Task running = phase();
            do
            {
                most = Math.Max(most, ResidentMemory.Of(server.Id).Now);
                await Task.WhenAny(running, Task.Delay(50, cancellation));
            }
            while (!running.IsCompleted);
            await running;
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{name,-14} {seconds,7:F1} s {options.SizeBytes / seconds / (1 << 20),8:F0} MiB/s, most resident {most >> 20} MiB"));
        }
    }

    private static async Task PutWholeAsync(S3HttpClient s3, MemoryOptions options, CancellationToken cancellation)
    {
        using var body = new GeneratedContent(seed: 1, 0, options.SizeBytes);
        using S3Answer put = await s3.PutAsync(Bucket, "whole", body, cancellation);
        Demand(put, "put");
    }

    private static async Task PutInPartsAsync(S3HttpClient s3, MemoryOptions options, CancellationToken cancellation)
    {
        using S3Answer created = await s3.CreateUploadAsync(Bucket, "parts", cancellation);
        Demand(created, "create upload");
        string text = await created.Response!.Content.ReadAsStringAsync(cancellation);
        string uploadId = XDocument.Parse(text).Root!.Elements().First(static element => element.Name.LocalName == "UploadId").Value;
        var etags = new string[(int)((options.SizeBytes + options.PartSizeBytes - 1) / options.PartSizeBytes)];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellation };
        await Parallel.ForAsync(0, etags.Length, parallel, async (part, token) =>
        {
            long offset = part * options.PartSizeBytes;
            using var body = new GeneratedContent(seed: 2, offset, Math.Min(options.PartSizeBytes, options.SizeBytes - offset));
            using S3Answer put = await s3.PutPartAsync(Bucket, "parts", uploadId, part + 1, body, token);
            Demand(put, $"put part {part + 1}");
            etags[part] = put.ETag;
        });
        using S3Answer completed = await s3.CompleteUploadAsync(Bucket, "parts", uploadId, etags, cancellation);
        Demand(completed, "complete upload");
    }

    private static async Task CheckAsync(S3HttpClient s3, string key, ulong seed, long sizeBytes, CancellationToken cancellation)
    {
        using S3Answer got = await s3.GetAsync(Bucket, key, cancellation);
        Demand(got, "get");
        await using Stream body = await got.Response!.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[128 * 1024];
        long at = 0;
        for (int read; (read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)) > 0; at += read)
        {
            long wrong = Content.FirstDifference(seed, at, buffer.AsSpan(0, read));
            if (wrong >= 0)
            {
                throw new InvalidOperationException($"byte {wrong} of '{key}' is wrong");
            }
        }

        if (at != sizeBytes)
        {
            throw new InvalidOperationException($"'{key}' has {at} bytes, not {sizeBytes}");
        }
    }

    private static void Demand(S3Answer answer, string what)
    {
        if (!answer.Ok)
        {
            throw new InvalidOperationException($"{what}: {(int)answer.Status} {answer.Failure}");
        }
    }
}
