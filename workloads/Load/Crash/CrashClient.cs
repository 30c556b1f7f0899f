using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using ObjectStore.Workloads.Load.Http;

namespace ObjectStore.Workloads.Load.Crash;

/// <summary>One client of the crash run: writes and deletes its own keys, one operation at a time, until the server is gone.</summary>
internal sealed class CrashClient(S3HttpClient s3, string bucket, int number, int keys, Random random, AcknowledgedLog log)
{
    private const int PartBytes = 5 * 1024 * 1024;

    private readonly ExpectedObject[] _objects = Make(number, keys);

    internal IReadOnlyList<ExpectedObject> Objects => _objects;

    internal long Acknowledged { get; private set; }

    /// <summary>Works until an operation gets no answer or the token is cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            ExpectedObject target = _objects[random.Next(_objects.Length)];
            if (target.Possible.Count > 1)
            {
                return;
            }

            bool answered = random.Next(100) switch
            {
                < 60 => await PutAsync(target, random.Next(0, 60_000)),
                < 75 => await PutAsync(target, random.Next(500_000, 3_000_000)),
                < 80 => await PutIfAbsentAsync(target, random.Next(0, 20_000)),
                < 97 => await DeleteAsync(target),
                _ => await MultipartAsync(target, random.Next(1, 400_000)),
            };
            if (!answered)
            {
                return;
            }
        }
    }

    private static ExpectedObject[] Make(int number, int keys)
    {
        var objects = new ExpectedObject[keys];
        for (int key = 0; key < keys; key++)
        {
            objects[key] = new ExpectedObject($"client-{number:D3}/key-{key:D4}");
        }

        return objects;
    }

    private Task<bool> PutAsync(ExpectedObject target, int length) => PutAsync(target, length, []);

    private Task<bool> PutIfAbsentAsync(ExpectedObject target, int length) =>
        PutAsync(target, length, new KeyValuePair<string, string>("if-none-match", "*"));

    private async Task<bool> PutAsync(ExpectedObject target, int length, params KeyValuePair<string, string>[] headers)
    {
        PossibleContent before = target.Possible[0];
        var next = new PossibleContent((ulong)random.NextInt64(), length);
        target.Begin(next);
        using var body = new ByteArrayContent(Content.Make(next.Seed, length));
        using S3Answer answer = await s3.PutAsync(bucket, target.Key, body, CancellationToken.None, headers);
        if (answer.Status == HttpStatusCode.PreconditionFailed && headers.Length > 0)
        {
            if (before.IsAbsent)
            {
                throw new BrokenPromiseException($"{target.Key}: If-None-Match refused though the key was acknowledged as absent");
            }

            target.Refuse();
            return true;
        }

        if (answer.Ok && headers.Length > 0 && !before.IsAbsent)
        {
            throw new BrokenPromiseException($"{target.Key}: If-None-Match replaced an acknowledged object");
        }

        return Finish(answer, target, next, "put");
    }

    private async Task<bool> DeleteAsync(ExpectedObject target)
    {
        target.Begin(PossibleContent.Absent);
        using S3Answer answer = await s3.DeleteAsync(bucket, target.Key, CancellationToken.None);
        return Finish(answer, target, PossibleContent.Absent, "delete");
    }

    private async Task<bool> MultipartAsync(ExpectedObject target, int lastBytes)
    {
        using S3Answer created = await s3.CreateUploadAsync(bucket, target.Key, CancellationToken.None);
        if (!created.Ok)
        {
            return false;
        }

        if (await ReadUploadIdAsync(created.Response!.Content) is not { } uploadId)
        {
            return false;
        }

        var next = new PossibleContent((ulong)random.NextInt64(), PartBytes + lastBytes);
        byte[] content = Content.Make(next.Seed, next.LengthBytes);
        var etags = new List<string>();
        for (int part = 0; part < 2; part++)
        {
            int length = part == 0 ? PartBytes : lastBytes;
            using var body = new ByteArrayContent(content, part * PartBytes, length);
            using S3Answer put = await s3.PutPartAsync(bucket, target.Key, uploadId, part + 1, body, CancellationToken.None);
            if (!put.Ok)
            {
                return false;
            }

            etags.Add(put.ETag);
        }

        target.Begin(next);
        using S3Answer completed = await s3.CompleteUploadAsync(bucket, target.Key, uploadId, etags, CancellationToken.None);
        return Finish(completed, target, next, "complete");
    }

    /// <summary>The id, or null when the server died while it answered.</summary>
    private static async Task<string?> ReadUploadIdAsync(HttpContent answer)
    {
        try
        {
            return XDocument.Parse(await answer.ReadAsStringAsync()).Root!.Element(XName.Get("UploadId", "http://s3.amazonaws.com/doc/2006-03-01/"))!.Value;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private bool Finish(S3Answer answer, ExpectedObject target, PossibleContent next, string operation)
    {
        if (answer.Ok)
        {
            target.Acknowledge(next);
            log.Write(operation, target.Key, next);
            Acknowledged++;
            return true;
        }

        if (answer.IsUnknown)
        {
            return false;
        }

        throw new BrokenPromiseException($"{operation} of {target.Key} was refused with {(int)answer.Status}");
    }
}

/// <summary>The server did what it promises not to do.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>Acknowledged operations, kept outside of the server's folder for whoever looks into a failure.</summary>
internal sealed class AcknowledgedLog(string file) : IDisposable
{
    private readonly StreamWriter _writer = new(file);

    internal void Write(string operation, string key, PossibleContent content)
    {
        lock (_writer)
        {
            _writer.WriteLine($"{operation}\t{key}\t{content.LengthBytes}\t{content.Seed}");
        }
    }

    public void Dispose() => _writer.Dispose();
}
