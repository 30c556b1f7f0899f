using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Workloads.Benchmarks.Metadata;

/// <summary>What is measured with how much.</summary>
/// <param name="Objects">Objects written.</param>
/// <param name="Folder">Where the store lies; removed before and after.</param>
/// <param name="RowsMax">Rows of a group beyond which it is split.</param>
/// <param name="MemtableMiB">Setting of the store.</param>
/// <param name="CacheMiB">Setting of the store.</param>
internal sealed record MetadataBenchOptions(long Objects, string Folder, long RowsMax, int MemtableMiB, int CacheMiB);

/// <summary>What came out.</summary>
internal sealed record MetadataFigures
{
    internal double PutSeconds { get; set; }

    internal double RawBytesPerObject { get; set; }

    internal double DiskBytesPerObject { get; set; }

    internal (int Ranges, int Groups) Shards { get; set; }

    internal double ListSeconds { get; set; }

    internal double PageMilliseconds { get; set; }

    internal double GetsPerSecond { get; set; }

    internal double StartSeconds { get; set; }

    internal double FirstListMilliseconds { get; set; }

    internal long PeakResidentBytes { get; set; }

    internal long HeapBytes { get; set; }
}

/// <summary>Fills a node with the metadata of small objects through the commands that a gateway gives, lists all, reads some, and opens the store again.</summary>
internal static class MetadataBench
{
    private const string Bucket = "photos";
    private const string Owner = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const int Writers = 512;
    private const int Readers = 64;
    private const int Gets = 50_000;
    private const int PageKeys = 1000;

    internal static async Task<MetadataFigures> RunAsync(MetadataBenchOptions options, Action<string> say)
    {
        var figures = new MetadataFigures();
        if (Directory.Exists(options.Folder))
        {
            Directory.Delete(options.Folder, recursive: true);
        }

        await using (MetadataNode node = await OpenAsync(options))
        {
            await FillAsync(node, options, figures, say);
            await node.RestAsync();
            figures.Shards = await node.ShardsAsync();
            await ListAsync(node, options, figures);
            say($"listed in {figures.ListSeconds:F1} s");
            await GetAsync(node, options, figures);
        }

        figures.DiskBytesPerObject = (double)SizeOf(options.Folder) / options.Objects;
        long began = Stopwatch.GetTimestamp();
        await using (MetadataNode again = await OpenAsync(options))
        {
            figures.StartSeconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            began = Stopwatch.GetTimestamp();
            QueryResult page = await again.Metadata.QueryAsync(new ListObjectsQuery(Bucket, "", "", "", PageKeys));
            figures.FirstListMilliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            Expect(page.Objects.Count == int.Min(PageKeys, (int)options.Objects), "the store has what was written when it is opened again");
        }

        Directory.Delete(options.Folder, recursive: true);
        figures.HeapBytes = GC.GetTotalMemory(forceFullCollection: true);
        figures.PeakResidentBytes = PeakResidentBytes();
        return figures;
    }

    private static Task<MetadataNode> OpenAsync(MetadataBenchOptions options) => MetadataNode.StartAsync(
        options.Folder,
        new DiskStoreOptions
        {
            Rows = new OrderedStoreOptions { MemtableBytes = options.MemtableMiB * 1024L * 1024, BlockCacheBytes = options.CacheMiB * 1024L * 1024 },
        },
        new BalanceOptions { Interval = TimeSpan.FromSeconds(2), RowsMax = options.RowsMax, RequestsPerSecondMax = long.MaxValue / 4 });

    private static async Task FillAsync(MetadataNode node, MetadataBenchOptions options, MetadataFigures figures, Action<string> say)
    {
        var create = new CreateBucketCommand(Bucket, Owner, "", ObjectLock: false) { NowUtc = Now };
        Expect((await node.Metadata.ExecuteAsync(create)).Error == MetadataError.None, "the bucket is made");
        long next = 0;
        long raw = 0;
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(WriteAsync)));
        figures.PutSeconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        figures.RawBytesPerObject = (double)raw / options.Objects;

        async Task WriteAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number <= options.Objects)
            {
                PutObjectCommand put = Put(node.Metadata, number - 1);
                Interlocked.Add(ref raw, put.Object.Key.Length + put.Object.ETag.Length + Owner.Length + 40);
                Expect((await node.Metadata.ExecuteAsync(put)).Error == MetadataError.None, "an object is put");
                if (number % 100_000 == 0)
                {
                    say($"{number} objects, {number / Stopwatch.GetElapsedTime(began).TotalSeconds:F0} puts/s, resident {PeakResidentBytes() >> 20} MiB at most");
                }
            }
        }
    }

    /// <summary>All keys, page by page, one page at a time.</summary>
    private static async Task ListAsync(MetadataNode node, MetadataBenchOptions options, MetadataFigures figures)
    {
        long began = Stopwatch.GetTimestamp();
        long found = 0;
        int pages = 0;
        string last = "";
        QueryResult page;
        do
        {
            page = await node.Metadata.QueryAsync(new ListObjectsQuery(Bucket, "", "", last, PageKeys));
            found += page.Objects.Count;
            pages++;
            last = page.NextMarker;
        }
        while (page.IsTruncated);
        figures.ListSeconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        figures.PageMilliseconds = figures.ListSeconds * 1000 / pages;
        Expect(found == options.Objects, $"the listing has every object: {found}");
    }

    private static async Task GetAsync(MetadataNode node, MetadataBenchOptions options, MetadataFigures figures)
    {
        int left = Gets;
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
        {
            var draws = new Random(reader);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using ReadLease lease = await node.Metadata.OpenForReadAsync(new GetObjectQuery(Bucket, KeyOf(draws.NextInt64(options.Objects)), null, WithParts: false));
                Expect(lease.Result.Error == MetadataError.None, "an object is found");
            }
        })));
        figures.GetsPerSecond = Gets / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static DateTime Now => new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static PutObjectCommand Put(ClusterMetadata metadata, long number)
    {
        var record = new ObjectRecord
        {
            Key = KeyOf(number),
            Version = default,
            ModifiedUtc = Now,
            SizeBytes = 20_000,
            ETag = $"{unchecked((ulong)number * 0x9E3779B97F4A7C15):x16}{number:x16}",
            OwnerId = Owner,
            Headers = [new("content-type", "image/jpeg")],
        };
        var data = new ObjectData { Blobs = [new BlobRef(metadata.NextBlobId(), record.SizeBytes, 1024 * 1024)] };
        return new PutObjectCommand(Bucket, record, default, data, null) { NowUtc = Now };
    }

    /// <summary>Objects arrive spread over the order of keys.</summary>
    private static string KeyOf(long number)
    {
        ulong spread = unchecked((ulong)number * 0x9E3779B97F4A7C15);
        return $"2026/{spread >> 60:x}/{(spread >> 48) & 0xFFF:x3}/img-{number:D10}.jpg";
    }

    private static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);

    private static long PeakResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"not so: {what}");
        }
    }
}
