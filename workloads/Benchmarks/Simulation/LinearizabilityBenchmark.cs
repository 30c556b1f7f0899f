using System;
using System.Collections.Generic;
using System.Text;
using BenchmarkDotNet.Attributes;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Benchmarks.Simulation;

/// <summary>Checking a history of puts and gets on few keys by clients whose requests overlap; linearizable, so that the search goes to the end. Time an operation.</summary>
[MemoryDiagnoser]
public class LinearizabilityBenchmark
{
    private const int Operations = 4000;
    private const int Keys = 8;
    private const string Bucket = "bucket";

    private IReadOnlyList<HistoryEntry<S3Operation, S3Result>> _entries = [];

    /// <summary>Clients with one request open each.</summary>
    [Params(4, 16)]
    public int Clients { get; set; } = 4;

    /// <summary>Each client's open request takes effect at a random moment before it returns.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var draws = new Random(1);
        var history = new History<S3Operation, S3Result>();
        var current = new ContentDigest?[Keys];
        var open = new Open?[Clients];
        for (int started = 0; started < Operations;)
        {
            int client = draws.Next(Clients);
            if (open[client] is not { } request)
            {
                int key = draws.Next(Keys);
                S3Operation operation = draws.Next(2) == 0
                    ? new S3Operation { Verb = S3Verb.Get, Bucket = Bucket, Key = $"key-{key}" }
                    : new S3Operation { Verb = S3Verb.Put, Bucket = Bucket, Key = $"key-{key}", Content = ContentDigest.Of(Encoding.UTF8.GetBytes($"content {started}")) };
                open[client] = new Open(key, history.Called(client, operation, TimeSpan.Zero));
                started++;
            }
            else if (request.Result is null)
            {
                request.Result = Do(request);
            }
            else
            {
                history.Returned(request.Entry, request.Result, TimeSpan.Zero);
                open[client] = null;
            }
        }

        _entries = history.Entries;

        S3Result Do(Open request)
        {
            if (request.Entry.Operation.Content is { } content)
            {
                current[request.Key] = content;
                return new S3Result { ETag = content.Md5 };
            }

            return current[request.Key] is { } found ? new S3Result { ETag = found.Md5, Content = found } : S3Result.Refused(404, "NoSuchKey");
        }
    }

    /// <summary>The verdict.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public long Check()
    {
        var model = new S3Model([new KeyValuePair<string, S3Versioning>(Bucket, S3Versioning.Off)]);
        LinearizabilityReport<S3Operation, S3Result> report = LinearizabilityChecker.Check(model, _entries);
        return report.Verdict == Verdict.Linearizable ? report.Steps : throw new InvalidOperationException($"the history is {report.Verdict}");
    }

    private sealed class Open(int key, HistoryEntry<S3Operation, S3Result> entry)
    {
        internal int Key => key;

        internal HistoryEntry<S3Operation, S3Result> Entry => entry;

        internal S3Result? Result { get; set; }
    }
}
