using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>The state machine over a store in memory. Every command goes through its encoding, and is kept for a replay.</summary>
internal sealed class MachineBench
{
    internal const string Bucket = "bucket";
    internal const string Owner = "owner";

    /// <summary>Bodies longer than this have a row of their own.</summary>
    internal const int RowBodyBytesMax = 5;

    private MetadataStateMachine _machine;
    private ulong _blobs;

    internal MachineBench(long partSizeMin = 5, long eventsWaitingMax = 100) =>
        _machine = new MetadataStateMachine(new MetadataLimits { PartSizeBytesMin = partSizeMin, EventsWaitingMax = eventsWaitingMax }, ReleaseAsync);

    internal MemoryOrderedStore Store { get; } = new();

    internal List<byte[]> Log { get; } = [];

    internal List<BlobRef> Released { get; } = [];

    internal DateTime Now { get; set; } = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    /// <summary>From now on so many events may wait.</summary>
    internal void LimitEvents(long eventsWaitingMax) => _machine = new MetadataStateMachine(new MetadataLimits { EventsWaitingMax = eventsWaitingMax }, ReleaseAsync);

    internal CommandResult Do(MetadataCommand command)
    {
        var encoded = new ByteWriter();
        CommandCodec.Encode(command, encoded);
        return Do(encoded.ToArray());
    }

    internal CommandResult Do(byte[] encoded)
    {
        Log.Add(encoded);
        using IReadView latest = Store.ReadLatest();
        Decision decision = Wait(_machine.ApplyAsync(latest, CommandCodec.Decode(encoded), Store.AppliedSequence + 1));
        if (decision.Batch is { } batch)
        {
            Store.Apply(batch);
        }

        return decision.Result;
    }

    internal QueryResult Ask(MetadataQuery query)
    {
        using IReadView state = Store.ReadDurable();
        return Wait(MetadataQueries.AnswerAsync(state, query));
    }

    internal MachineBench WithBucket(VersioningState versioning = VersioningState.Off, bool objectLock = false)
    {
        Do(new CreateBucketCommand(Bucket, Owner, "", objectLock) { NowUtc = Now });
        if (versioning != VersioningState.Off)
        {
            SetVersioning(versioning);
        }

        return this;
    }

    internal void SetVersioning(VersioningState versioning) => Do(new SetVersioningCommand(Bucket, versioning) { NowUtc = Now });

    internal CommandResult Put(
        string key, string body = "body", WriteConditions? conditions = null, Func<ObjectRecord, ObjectRecord>? change = null, int rowBodyBytesMax = RowBodyBytesMax)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        var record = new ObjectRecord
        {
            Key = key,
            Version = default,
            ModifiedUtc = Now,
            OwnerId = Owner,
            SizeBytes = bytes.Length,
            ETag = ETagOf(body),
        };
        var data = new ObjectData { Inline = new BlobRef(NextBlob(), bytes.Length, 0) };
        return Do(new PutObjectCommand(Bucket, change?.Invoke(record) ?? record, bytes, data, conditions) { NowUtc = Now, BodyLiesInRow = bytes.Length <= rowBodyBytesMax });
    }

    internal CommandResult PutLarge(string key, BlobRef blob)
    {
        var record = new ObjectRecord
        {
            Key = key,
            Version = default,
            ModifiedUtc = Now,
            OwnerId = Owner,
            SizeBytes = blob.LengthBytes,
            ETag = ETagOf(key),
        };
        return Do(new PutObjectCommand(Bucket, record, default, new ObjectData { Blobs = [blob] }, null) { NowUtc = Now });
    }

    internal CommandResult Delete(string key, VersionId? version = null, WriteConditions? conditions = null, bool bypass = false) =>
        Do(new DeleteObjectCommand(Bucket, key, version, Owner, conditions, bypass) { NowUtc = Now });

    internal QueryResult Get(string key, VersionId? version = null) => Ask(new GetObjectQuery(Bucket, key, version, WithParts: true));

    /// <summary>The body of an object that lies inline.</summary>
    internal string BodyOf(string key, VersionId? version = null)
    {
        using IReadView state = Store.ReadDurable();
        return Encoding.UTF8.GetString(Wait(ObjectOpening.FindAsync(state, new GetObjectQuery(Bucket, key, version))).InlineBody.Span);
    }

    internal QueryResult List(string prefix = "", string delimiter = "", string after = "", int max = 1000) =>
        Ask(new ListObjectsQuery(Bucket, prefix, delimiter, after, max));

    internal QueryResult ListVersions(string prefix = "", string delimiter = "", string key = "", VersionId? version = null, int max = 1000) =>
        Ask(new ListVersionsQuery(Bucket, prefix, delimiter, key, version, max));

    /// <summary>Works all garbage off, and checks that this ends.</summary>
    internal void ReclaimAll(int rowsMax = 3)
    {
        for (int step = 0; step < 10_000; step++)
        {
            ulong before = Store.AppliedSequence;
            Do(new ReclaimCommand(0, ulong.MaxValue - 1, rowsMax) { NowUtc = Now });
            if (Store.AppliedSequence == before)
            {
                return;
            }
        }

        throw new InvalidOperationException("reclamation does not end");
    }

    internal BlobId NextBlob() => new(1, ++_blobs);

    internal BlobRef NextLarge(long length = 10) => new(NextBlob(), length, 1 << 20);

    /// <summary>Every row of the store, for comparing and counting.</summary>
    internal List<(string Key, string Value)> Rows(byte? table = null)
    {
        var rows = new List<(string, string)>();
        using IReadView state = Store.ReadLatest();
        using IScan scan = state.Scan(default, default);
        while (Wait(scan.NextAsync()))
        {
            if (table is null || scan.Key.Span[0] == table)
            {
                rows.Add((Convert.ToHexString(scan.Key.Span), Convert.ToHexString(scan.Value.Span)));
            }
        }

        return rows;
    }

    /// <summary>Blobs outside the metadata that rows name, in ordinal order of their texts.</summary>
    internal IEnumerable<string> NamedBlobs()
    {
        var named = new SortedSet<string>(StringComparer.Ordinal);
        using IReadView state = Store.ReadLatest();
        using IScan scan = state.Scan(default, default);
        while (Wait(scan.NextAsync()))
        {
            foreach (ObjectData data in GroupBench.DataOf(scan.Key.Span, scan.Value.ToArray()))
            {
                foreach (BlobRef blob in data.Blobs)
                {
                    named.Add(blob.ToString());
                }
            }
        }

        return named;
    }

    internal static string ETagOf(string text)
    {
        ulong hash = StableHash.Compute(Encoding.UTF8.GetBytes(text));
        return $"{hash:x16}{hash:x16}";
    }

    internal static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    // One blob takes two steps, so that going on with a half-freed one is exercised.
    private readonly HashSet<BlobId> _halfReleased = [];

    private ValueTask<bool> ReleaseAsync(WriteBatch batch, BlobRef blob, int rowsMax)
    {
        if (Released.Contains(blob))
        {
            return new ValueTask<bool>(true);
        }

        batch.Delete(new byte[] { 0, 1 });
        bool done = !_halfReleased.Add(blob.Id);
        if (done)
        {
            Released.Add(blob);
        }

        return new ValueTask<bool>(done);
    }
}
