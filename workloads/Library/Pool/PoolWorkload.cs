using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Library;

/// <summary>Clients that read a pool of objects and write objects of their own, by weights: the shape of load runs.</summary>
/// <remarks>Nobody deletes from the pool, and a client deletes only what it put, so an object that is not found is an error of the store.</remarks>
public sealed partial class PoolWorkload : IWorkload
{
    private const int RangeBytes = 64 * 1024;

    private readonly PoolShape _shape;
    private readonly (int Weight, Func<WorkloadSession, Task> Step)[] _steps;
    private readonly int _weights;
    private readonly int _poolCount;
    private readonly PoolDraw _draw;
    private readonly ConditionalWeakTable<WorkloadSession, ClientState> _clients = [];

    /// <summary>A workload.</summary>
    public PoolWorkload(string name, string description, PoolMix mix, PoolShape shape)
    {
        ArgumentNullException.ThrowIfNull(mix);
        ArgumentNullException.ThrowIfNull(shape);
        (Name, Description, _shape) = (name, description, shape);
        Versioning = mix.Churn > 0 ? S3Versioning.Enabled : S3Versioning.Off;
        _poolCount = NeedsPool(mix) ? shape.ObjectCount : 0;
        _draw = new PoolDraw(shape.ObjectCount, shape.Popularity);
        _steps =
        [
            (mix.Get, GetAsync),
            (mix.Head, HeadAsync),
            (mix.Range, RangeAsync),
            (mix.Put, PutOwnAsync),
            (mix.Overwrite, OverwriteAsync),
            (mix.Delete, DeleteOwnAsync),
            (mix.List, ListAsync),
            (mix.Upload, UploadAsync),
            (mix.Contend, ContendAsync),
            (mix.Churn, ChurnAsync),
            (mix.Archive, ArchiveAsync),
        ];
        _weights = _steps.Sum(static step => step.Weight);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public S3Versioning Versioning { get; }

    /// <inheritdoc/>
    public async Task PrepareAsync(WorkloadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        for (int index = session.Number; index < _poolCount; index += session.ClientCount)
        {
            await MustPutAsync(session, PoolKey(index));
        }

        ClientState state = State(session);
        for (int index = session.Number; index < _shape.DeleteObjectCount; index += session.ClientCount)
        {
            string key = NewKey(session, state);
            await MustPutAsync(session, key);
            state.Own.Enqueue(key);
        }
    }

    /// <inheritdoc/>
    public Task StepAsync(WorkloadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        int drawn = session.Draws.Next(_weights, "workload.step");
        foreach ((int weight, Func<WorkloadSession, Task> step) in _steps)
        {
            if (drawn < weight)
            {
                return step(session);
            }

            drawn -= weight;
        }

        throw new InvalidOperationException("a mix without weights");
    }

    /// <inheritdoc/>
    public async Task ReadBackAsync(WorkloadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        for (int index = 0; index < _poolCount; index++)
        {
            await GetAsync(session, PoolKey(index));
        }
    }

    private static bool NeedsPool(PoolMix mix) => mix.Get + mix.Head + mix.Range + mix.Overwrite + mix.List > 0;

    private ClientState State(WorkloadSession session) => _clients.GetOrCreateValue(session);

    // Made anew each time: a pool of ten million keys would be a gigabyte that the client reads at random beside the server.
    private string PoolKey(int index) => string.Create(CultureInfo.InvariantCulture, $"{_shape.Prefix}pool/{index:D8}");

    private string DrawKey(WorkloadSession session) => PoolKey(_draw.Next(session.Draws));

    private string NewKey(WorkloadSession session, ClientState state) =>
        string.Create(CultureInfo.InvariantCulture, $"{_shape.Prefix}own/{session.Number:D4}/{state.Made++:D8}");

    private async Task MustPutAsync(WorkloadSession session, string key)
    {
        S3Result? stored = await session.SendAsync(session.NewPut(key, _shape.Sizes.Of(key)));
        if (stored is not { Ok: true })
        {
            session.Metrics.Report($"preparing failed: {(stored is null ? "no answer" : stored.Code)}");
        }
    }

    private Task GetAsync(WorkloadSession session) => GetAsync(session, DrawKey(session));

    private async Task GetAsync(WorkloadSession session, string key)
    {
        S3Result? got = await session.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = session.Bucket, Key = key });
        CheckSize(session, got, _shape.Sizes.Of(key));
    }

    private async Task HeadAsync(WorkloadSession session)
    {
        string key = DrawKey(session);
        S3Result? found = await session.SendAsync(new S3Operation { Verb = S3Verb.Head, Bucket = session.Bucket, Key = key });
        CheckSize(session, found, _shape.Sizes.Of(key));
    }

    private async Task RangeAsync(WorkloadSession session)
    {
        string key = DrawKey(session);
        int size = _shape.Sizes.Of(key);
        int first = session.Draws.Next((size / 8) + 1, "workload.range") * 8;
        first = Math.Min(first, Math.Max(0, size - 8) & -8);
        int last = Math.Min(size, first + RangeBytes) - 1;
        S3Result? got = await session.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = session.Bucket, Key = key, Range = (first, last) });
        CheckSize(session, got, last - first + 1);
    }

    private static void CheckSize(WorkloadSession session, S3Result? result, long expected)
    {
        if (result is { Ok: true, Content: { } content } && content.SizeBytes != expected)
        {
            session.Metrics.Report("wrong size");
        }
    }

    private async Task PutOwnAsync(WorkloadSession session)
    {
        ClientState state = State(session);
        string key = NewKey(session, state);
        if (await session.SendAsync(session.NewPut(key, _shape.Sizes.Of(key))) is { Ok: true })
        {
            state.Own.Enqueue(key);
        }
    }

    private async Task OverwriteAsync(WorkloadSession session)
    {
        string key = DrawKey(session);
        await session.SendAsync(session.NewPut(key, _shape.Sizes.Of(key)));
    }

    private async Task DeleteOwnAsync(WorkloadSession session)
    {
        ClientState state = State(session);
        if (state.Own.TryDequeue(out string? key))
        {
            await session.SendAsync(new S3Operation { Verb = S3Verb.Delete, Bucket = session.Bucket, Key = key });
        }
        else if (_shape.DeleteObjectCount > 0)
        {
            session.IsExhausted = true;
        }
        else
        {
            await PutOwnAsync(session);
        }
    }

    private async Task ListAsync(WorkloadSession session)
    {
        ClientState state = State(session);
        S3Result? page = await session.SendAsync(new S3Operation
        {
            Verb = S3Verb.List,
            Bucket = session.Bucket,
            Prefix = _shape.Prefix + "pool/",
            StartAfter = state.ListedUpTo,
        });
        if (page is not { Ok: true })
        {
            return;
        }

        state.Listed += page.Entries.Count;
        if (page.IsTruncated && page.Entries.Count > 0)
        {
            state.ListedUpTo = page.Entries[^1].Key;
            return;
        }

        if (state.Listed != _poolCount)
        {
            session.Metrics.Report("listing does not show the pool");
        }

        (state.Listed, state.ListedUpTo) = (0, "");
    }

    /// <summary>What one client remembers.</summary>
    private sealed class ClientState
    {
        internal Queue<string> Own { get; } = new();

        internal long Made { get; set; }

        internal string ListedUpTo { get; set; } = "";

        internal int Listed { get; set; }

        internal List<(string Key, string VersionId)> Versions { get; } = [];
    }
}
