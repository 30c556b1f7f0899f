using System;
using System.Collections.Generic;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A chunk that was published at some time.</summary>
internal sealed class PublishedChunk(ChunkId id, int lengthBytes, ulong published)
{
    internal ChunkId Id { get; } = id;

    internal int LengthBytes { get; } = lengthBytes;

    /// <summary>Batch of the rows that named it.</summary>
    internal ulong Published { get; } = published;

    /// <summary>Batch that took it out of the rows; null while it is in them.</summary>
    internal ulong? Released { get; set; }
}

/// <summary>A body of some chunks.</summary>
internal sealed class PublishedBlob(BlobId id)
{
    internal BlobId Id { get; } = id;

    internal List<PublishedChunk> Chunks { get; } = [];

    /// <summary>Who reads it now: nobody releases it as long.</summary>
    internal int Readers { get; set; }

    /// <summary>Somebody is about to release it: nobody begins to read it.</summary>
    internal bool IsGoing { get; set; }
}

/// <summary>What a chunk store must hold: every chunk that was published, and the batches that named it and took it out.</summary>
internal sealed class ChunksModel
{
    private const int LengthBytesMax = 1 << 20;
    private static readonly byte[] Pattern = NewPattern();

    /// <summary>Blobs that have a chunk in the rows.</summary>
    internal List<PublishedBlob> Blobs { get; private set; } = [];

    /// <summary>Everything up to this batch was acknowledged: no crash may take it back.</summary>
    internal ulong Acknowledged { get; private set; }

    /// <summary>The data of a chunk.</summary>
    internal static ReadOnlySpan<byte> Content(ChunkId id, int lengthBytes) =>
        Pattern.AsSpan((int)(((id.Blob.Epoch * 65_537) + (id.Blob.Number * 7_919) + (id.Index * 1_031UL)) % (LengthBytesMax - 1)), lengthBytes);

    /// <summary>A batch was acknowledged.</summary>
    internal void Acknowledge(ulong sequence) => Acknowledged = Math.Max(Acknowledged, sequence);

    /// <summary>A life ended and this is what the next one found: forgets what came later.</summary>
    internal void Recovered(ulong sequence)
    {
        if (sequence < Acknowledged)
        {
            throw new PromiseBrokenException("durable", $"batch {Acknowledged} was acknowledged, and the rows recovered up to batch {sequence}");
        }

        Acknowledged = sequence;
        foreach (PublishedBlob blob in Blobs)
        {
            blob.Chunks.RemoveAll(chunk => chunk.Published > sequence || chunk.Released <= sequence);
            blob.Chunks.ForEach(static chunk => chunk.Released = null);
            (blob.Readers, blob.IsGoing) = (0, false);
        }

        Blobs.RemoveAll(static blob => blob.Chunks.Count == 0);
    }

    /// <summary>Chunks that the rows name now.</summary>
    internal SortedSet<string> Names()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (PublishedBlob blob in Blobs)
        {
            foreach (PublishedChunk chunk in blob.Chunks)
            {
                if (chunk.Released is null)
                {
                    names.Add(Name(chunk.Id));
                }
            }
        }

        return names;
    }

    /// <summary>As the rows name a chunk.</summary>
    internal static string Name(ChunkId id) => $"{id.Blob.Epoch:x16}{id.Blob.Number:x16}{id.Index:x8}";

    private static byte[] NewPattern()
    {
        // Any bytes do, as long as no two blocks are equal.
        byte[] pattern = new byte[2 * LengthBytesMax];
        uint state = 1;
        for (int index = 0; index < pattern.Length; index++)
        {
            state = unchecked((state * 1_664_525) + 1_013_904_223);
            pattern[index] = (byte)(state >> 24);
        }

        return pattern;
    }
}
