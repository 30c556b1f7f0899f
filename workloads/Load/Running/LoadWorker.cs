using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Http;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>One client of a load run. Gets and heads go to the shared pool, which nobody changes; puts and deletes to keys of its own. So any 404 is an error.</summary>
internal sealed class LoadWorker(LoadOptions options, S3HttpClient s3, int number, IReadOnlyList<string> pool, LoadMeasurement measurement)
{
    private const string SeedHeader = "x-amz-meta-load-seed";

    private readonly Random _random = new(unchecked(options.Seed * 7919 + number));
    private readonly Queue<string> _own = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private long _made;

    /// <summary>Closed loop: the next request starts when the last has been answered.</summary>
    internal async Task RunClosedAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await StepAsync(Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Open loop: starts are on a fixed timetable, and a request that starts late is measured from when it should have started (no coordinated omission).</summary>
    internal async Task RunOpenAsync(double ratePerSecond, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        double intervalTicks = Stopwatch.Frequency / ratePerSecond;
        double phase = _random.NextDouble() * intervalTicks;
        for (long step = 0; !stop.IsCancellationRequested; step++)
        {
            long due = began + (long)(phase + step * intervalTicks);
            TimeSpan early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (early > TimeSpan.Zero)
            {
                try
                {
                    await Task.Delay(early, stop);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }

            await StepAsync(due);
        }
    }

    /// <summary>Puts one object of the pool.</summary>
    internal async Task PrepareAsync(string key)
    {
        using S3Answer answer = await PutAsync(key);
        if (!answer.Ok)
        {
            throw new InvalidOperationException($"preparing {key} failed: {(int)answer.Status} {answer.Failure}");
        }
    }

    private async Task StepAsync(long due)
    {
        LoadOperation operation = options.Scenario.Draw(_random);
        if (operation == LoadOperation.Delete && _own.Count == 0)
        {
            operation = LoadOperation.Put;
        }

        (string error, long bytes) = operation switch
        {
            LoadOperation.Put => await MeasuredPutAsync(),
            LoadOperation.Get => await GetAsync(pool[_random.Next(pool.Count)]),
            LoadOperation.Head => await SimpleAsync(s3.HeadAsync(options.Bucket, pool[_random.Next(pool.Count)], CancellationToken.None)),
            LoadOperation.List => await ListAsync(),
            LoadOperation.Delete => await SimpleAsync(s3.DeleteAsync(options.Bucket, _own.Dequeue(), CancellationToken.None)),
            _ => throw new InvalidOperationException($"operation {operation}"),
        };
        measurement.Record(operation, Stopwatch.GetElapsedTime(due), bytes, error);
    }

    private async Task<(string Error, long Bytes)> MeasuredPutAsync()
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"own/{options.Seed}/{number}/{_made++}");
        using S3Answer answer = await PutAsync(key);
        if (!answer.Ok)
        {
            return (Kind(answer), 0);
        }

        _own.Enqueue(key);
        return ("", answer.Response!.RequestMessage!.Content!.Headers.ContentLength ?? 0);
    }

    private Task<S3Answer> PutAsync(string key)
    {
        int length = options.Size.Draw(_random);
        ulong seed = SeedOf(key, (uint)_random.Next());
        var body = new ByteArrayContent(Content.Make(seed, length));
        return s3.PutAsync(
            options.Bucket, key, body, CancellationToken.None, new KeyValuePair<string, string>(SeedHeader, seed.ToString("x16", CultureInfo.InvariantCulture)));
    }

    private async Task<(string Error, long Bytes)> GetAsync(string key)
    {
        using S3Answer answer = await s3.GetAsync(options.Bucket, key, CancellationToken.None);
        if (!answer.Ok)
        {
            return (Kind(answer), 0);
        }

        if (!answer.Response!.Headers.TryGetValues(SeedHeader, out IEnumerable<string>? values)
            || !ulong.TryParse(values.First(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong seed)
            || SeedOf(key, unchecked((uint)seed)) != seed)
        {
            return ("another object's answer", 0);
        }

        long at = 0;
        try
        {
            await using Stream body = await answer.Response.Content.ReadAsStreamAsync();
            while (true)
            {
                int read = await body.ReadAtLeastAsync(_buffer, _buffer.Length, throwOnEndOfStream: false);
                if (read == 0)
                {
                    break;
                }

                if (Content.FirstDifference(seed, at, _buffer.AsSpan(0, read)) >= 0)
                {
                    return ("wrong content", at);
                }

                at += read;
            }
        }
        catch (IOException)
        {
            return ("body cut off", at);
        }

        return at == answer.Response.Content.Headers.ContentLength ? ("", at) : ("body cut off", at);
    }

    private async Task<(string Error, long Bytes)> ListAsync()
    {
        using S3Answer answer = await s3.ListAsync(options.Bucket, "", "", CancellationToken.None);
        return answer.Ok ? ("", (await answer.Response!.Content.ReadAsByteArrayAsync()).Length) : (Kind(answer), 0);
    }

    private static async Task<(string Error, long Bytes)> SimpleAsync(Task<S3Answer> request)
    {
        using S3Answer answer = await request;
        return (answer.Ok ? "" : Kind(answer), 0);
    }

    private static string Kind(S3Answer answer) => answer.Response is null ? answer.Failure : $"HTTP {(int)answer.Status}";

    /// <summary>The upper half tells the key, so that content of another key is seen.</summary>
    private static ulong SeedOf(string key, uint nonce)
    {
        uint hash = 2166136261;
        foreach (char letter in key)
        {
            hash = unchecked((hash ^ letter) * 16777619);
        }

        return (ulong)hash << 32 | nonce;
    }
}
