using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>Clients that put, create, read and delete a few shared keys, and write others that nobody ever touches again; everything is recorded.</summary>
internal sealed class RegionLoad : IDisposable
{
    /// <summary>The number of the client that reads everything back at the end.</summary>
    internal const int ReadBackClient = int.MaxValue;

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http = HttpS3Client.NewHttp();
    private readonly IReadOnlyList<(string Node, S3Endpoint Endpoint)> _nodes;
    private readonly History<S3Operation, S3Result> _history = new();
    private readonly object _gate = new();
    private readonly int _keys;
    private readonly TimeSpan _think;
    private readonly IReadOnlyList<int> _sizesBytes;

    internal RegionLoad(IReadOnlyList<(string Node, S3Endpoint Endpoint)> nodes, int keys, TimeSpan think, IReadOnlyList<int> sizesBytes) =>
        (_nodes, _keys, _think, _sizesBytes) = (nodes, keys, think, sizesBytes);

    /// <summary>A bucket of this run's own: the history knows everything that ever happened to it.</summary>
    internal string Bucket { get; } = $"region-faults-{Guid.NewGuid():n}"[..22];

    internal ServiceLog Log { get; } = new();

    internal IReadOnlyList<HistoryEntry<S3Operation, S3Result>> History => _history.Entries;

    /// <summary>Makes the bucket; not part of the history.</summary>
    internal async Task CreateBucketAsync(CancellationToken cancellation)
    {
        IS3Client[] plain = [.. _nodes.Select(node => new HttpS3Client(_http, node.Endpoint, AttemptTimeout))];
        S3Result? made = await new RetryingClient(plain, 0, Patience, new ServiceLog()).SendAsync(new S3Operation { Verb = S3Verb.CreateBucket, Bucket = Bucket }, cancellation);
        if (made is not { Ok: true } and not { Code: "BucketAlreadyOwnedByYou" })
        {
            throw new InvalidOperationException($"the bucket could not be made: {made?.ToString() ?? "no answer"}");
        }
    }

    /// <summary>One client, until it is told to stop; a request under way is finished.</summary>
    internal async Task RunClientAsync(int number, int seed, CancellationToken stopping)
    {
        RetryingClient client = Client(number);
        var random = new Random(seed + number);
        ulong nonce = (ulong)number << 40;
        while (!stopping.IsCancellationRequested)
        {
            string key = $"shared-{random.Next(_keys):D4}";
            S3Operation operation = random.Next(10) switch
            {
                < 3 => Put(key, ++nonce, random),
                < 4 => Put(key, ++nonce, random) with { IfNoneMatch = "*" },
                < 5 => Put($"once-{number:D3}-{++nonce & 0xFFFFFFFF:D6}", nonce, random),
                < 8 => new S3Operation { Verb = S3Verb.Get, Bucket = Bucket, Key = key },
                < 9 => new S3Operation { Verb = S3Verb.Head, Bucket = Bucket, Key = key },
                _ => new S3Operation { Verb = S3Verb.Delete, Bucket = Bucket, Key = key },
            };
            await client.SendAsync(operation, CancellationToken.None);
            try
            {
                await Task.Delay(_think * random.NextDouble() * 2, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Reads every key that the history names.</summary>
    internal async Task ReadBackAsync(CancellationToken cancellation)
    {
        RetryingClient client = Client(ReadBackClient);
        foreach (string key in History.Select(static entry => entry.Operation.Key).Where(static key => key.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList())
        {
            await client.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = Bucket, Key = key }, cancellation);
        }
    }

    internal async Task WriteHistoryAsync(string file)
    {
        await using var writer = new StreamWriter(file);
        HistoryJson.Write(writer, History);
    }

    public void Dispose() => _http.Dispose();

    private S3Operation Put(string key, ulong nonce, Random random)
    {
        int size = _sizesBytes[random.Next(_sizesBytes.Count)];
        byte[] body = WorkloadContent.Create(key, nonce, size - random.Next(size / 2));
        return new S3Operation { Verb = S3Verb.Put, Bucket = Bucket, Key = key, Content = ContentDigest.Of(body), Body = body };
    }

    private RetryingClient Client(int number)
    {
        IS3Client[] recorded =
            [.. _nodes.Select(node => new RecordingClient(new HttpS3Client(_http, node.Endpoint, AttemptTimeout), _history, number, () => Log.Now, _gate))];
        return new RetryingClient(recorded, number, Patience, Log);
    }
}
