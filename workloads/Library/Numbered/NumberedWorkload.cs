using System;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Library;

/// <summary>What clients of a <see cref="NumberedWorkload"/> do.</summary>
public enum NumberedStep
{
    /// <summary>Put the next object.</summary>
    Put,

    /// <summary>Get an object drawn from all, each as likely as any other.</summary>
    Get,

    /// <summary>Walk through the listing page by page: each client begins somewhere else and goes round.</summary>
    List,
}

/// <summary>One operation on <see cref="NumberedObjects"/>, for measuring it in a bucket of a known size.</summary>
/// <remarks>Reads and listings must not run beside puts: they demand exactly the objects that are there. A put that fails leaves a gap, which later reads report.</remarks>
public sealed class NumberedWorkload : IWorkload
{
    private readonly NumberedObjects _objects;
    private readonly NumberedStep _step;
    private readonly int _end;
    private readonly ConditionalWeakTable<WorkloadSession, Walk> _walks = [];

    /// <summary>A workload.</summary>
    /// <param name="objects">The bucket.</param>
    /// <param name="step">What clients do.</param>
    /// <param name="end">Puts stop when there are this many objects.</param>
    /// <exception cref="ArgumentException">There is nothing to read.</exception>
    public NumberedWorkload(NumberedObjects objects, NumberedStep step, int end = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(objects);
        if (step != NumberedStep.Put && objects.Count == 0)
        {
            throw new ArgumentException("an empty bucket has nothing to read", nameof(objects));
        }

        (_objects, _step, _end) = (objects, step, end);
    }

    /// <inheritdoc/>
    public string Name => $"numbered-{_step.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    public string Description => "one operation on a bucket of numbered objects";

    /// <inheritdoc/>
    public S3Versioning Versioning => S3Versioning.Off;

    /// <inheritdoc/>
    public Task StepAsync(WorkloadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _step switch
        {
            NumberedStep.Put => PutAsync(session),
            NumberedStep.Get => GetAsync(session, session.Draws.Next(_objects.Count, "workload.object")),
            _ => ListAsync(session, _walks.GetValue(session, StartOf)),
        };
    }

    /// <summary>Walks once through the whole listing.</summary>
    public async Task ReadBackAsync(WorkloadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var walk = new Walk(0);
        do
        {
            if (!await ListAsync(session, walk))
            {
                return;
            }
        }
        while (walk.Next > 0);
    }

    private Walk StartOf(WorkloadSession session) => new(session.Draws.Next(_objects.Count, "workload.object"));

    private async Task PutAsync(WorkloadSession session)
    {
        if (!_objects.TryTakeNext(_end, out int number))
        {
            session.IsExhausted = true;
            return;
        }

        string key = NumberedObjects.KeyOf(number);
        await session.SendAsync(session.NewPut(key, _objects.Sizes.Of(key)));
    }

    private async Task GetAsync(WorkloadSession session, int number)
    {
        string key = NumberedObjects.KeyOf(number);
        S3Result? got = await session.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = session.Bucket, Key = key });
        if (got is { Ok: true, Content: { } content } && content.SizeBytes != _objects.Sizes.Of(key))
        {
            session.Metrics.Report("wrong size");
        }
    }

    /// <returns>False when there was no page.</returns>
    private async Task<bool> ListAsync(WorkloadSession session, Walk walk)
    {
        var request = new S3Operation { Verb = S3Verb.List, Bucket = session.Bucket, StartAfter = walk.Next == 0 ? "" : NumberedObjects.KeyOf(walk.Next - 1) };
        S3Result? page = await session.SendAsync(request);
        if (page is not { Ok: true })
        {
            return false;
        }

        int end = Math.Min(_objects.Count, walk.Next + request.EntriesMax);
        bool isRight = page.Entries.Count == end - walk.Next && page.IsTruncated == end < _objects.Count;
        for (int index = 0; isRight && index < page.Entries.Count; index++)
        {
            S3Entry entry = page.Entries[index];
            isRight = NumberedObjects.IsKeyOf(entry.Key, walk.Next + index) && entry.SizeBytes == _objects.Sizes.Of(entry.Key);
        }

        if (!isRight)
        {
            session.Metrics.Report("listing does not show each object in turn");
        }

        walk.Next = end == _objects.Count ? 0 : end;
        return true;
    }

    /// <summary>Where a client is on its way through the listing.</summary>
    private sealed class Walk(int next)
    {
        internal int Next { get; set; } = next;
    }
}
