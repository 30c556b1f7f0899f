using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using ObjectStore.Workloads.Benchmarks.Storage;

namespace ObjectStore.Workloads.Benchmarks.Metadata;

/// <summary>One node's metadata on a real disk: durable puts of many clients at once, lookups, and pages of a listing. Time a request; of a listing, a key.</summary>
[MemoryDiagnoser]
public class MetadataCommandBenchmark
{
    private const string Bucket = "photos";
    private const string Owner = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const int Requests = 1024;
    private const int Objects = 100_000;
    private const int PageKeys = 1000;
    private const int Folders = 97;
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly Random _draws = new(1);
    private BenchDisk _disk = null!;
    private MetadataShard _shard = null!;
    private int _next;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _disk = await BenchDisk.OpenAsync(new DiskStoreOptions { Rows = new OrderedStoreOptions { MemtableBytes = 8 << 20 } });
        _shard = await _disk.RunAsync(
            async store => await MetadataShard.OpenAsync(_disk.Environment, _disk.Loop, store.Rows, store.Chunks, new MetadataShardOptions()));
        await _shard.ExecuteAsync(new CreateBucketCommand(Bucket, Owner, "", ObjectLock: false) { NowUtc = Now });
        while (_next < Objects)
        {
            await PutManyAsync();
        }
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _disk.DisposeAsync();

    /// <summary>New objects, all at once.</summary>
    [Benchmark(OperationsPerInvoke = Requests)]
    public Task Put() => PutManyAsync();

    /// <summary>Attributes of objects drawn at random, as HEAD asks.</summary>
    [Benchmark(OperationsPerInvoke = Requests)]
    public async Task<int> Head()
    {
        var asked = new List<Task<QueryResult>>(Requests);
        for (int i = 0; i < Requests; i++)
        {
            asked.Add(_shard.QueryAsync(new GetObjectQuery(Bucket, KeyOf(_draws.Next(Objects)), null, WithParts: false)));
        }

        QueryResult[] found = await Task.WhenAll(asked);
        return found.All(static result => result.Error == MetadataError.None) ? found.Length : throw new InvalidOperationException("an object is missing");
    }

    /// <summary>A page from a folder drawn at random; folders hold about a thousand objects each.</summary>
    [Benchmark(OperationsPerInvoke = PageKeys)]
    public async Task<int> List()
    {
        QueryResult page = await _shard.QueryAsync(new ListObjectsQuery(Bucket, "", "", KeyOf(_draws.Next(Folders / 2)), PageKeys));
        return page.Objects.Count == PageKeys ? PageKeys : throw new InvalidOperationException("objects are missing");
    }

    private async Task PutManyAsync()
    {
        var asked = new List<Task<CommandResult>>(Requests);
        for (int i = 0; i < Requests; i++)
        {
            var record = new ObjectRecord
            {
                Key = KeyOf(_next++),
                Version = default,
                ModifiedUtc = Now,
                SizeBytes = 20_000,
                ETag = "0123456789abcdef0123456789abcdef",
                OwnerId = Owner,
                Headers = [new("content-type", "image/jpeg")],
            };
            var data = new ObjectData { Blobs = [new BlobRef(_shard.NextBlobId(), record.SizeBytes, 1024 * 1024)] };
            asked.Add(_shard.ExecuteAsync(new PutObjectCommand(Bucket, record, default, data, null) { NowUtc = Now }));
        }

        if ((await Task.WhenAll(asked)).Any(static result => result.Error != MetadataError.None))
        {
            throw new InvalidOperationException("an object was not put");
        }
    }

    private static string KeyOf(int number) => $"2026/{number % Folders:d2}/img-{number:d10}.jpg";
}
