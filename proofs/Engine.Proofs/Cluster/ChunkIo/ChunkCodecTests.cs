using System;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster.ChunkIo;

public sealed class ChunkCodecTests
{
    /// <summary>Layouts of one data shard (copies) once ended a node at its start: their requests are larger than the chunk.</summary>
    [Fact]
    public void Any_k_shards_of_any_layout_give_the_chunk() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 4], Gen.Int[1, 16], Gen.Int[1, 64 * 1024], Gen.UInt).Sample(
            static (k, m, units, length, seed) =>
            {
                int chunkSize = units * 4096;
                byte[] content = new byte[Math.Min(length, chunkSize)];
                new Random(unchecked((int)seed)).NextBytes(content);
                var codec = new ChunkCodec(new Layout(k, m, default, default, 0), chunkSize, idleBufferBytesMax: 1 << 20);
                AlignedMemory[] requests = codec.Encode(new ChunkId(new BlobId(1, 2), 3), content);
                try
                {
                    ReadOnlyMemory<byte>[] shards = [.. requests.Select(request => (ReadOnlyMemory<byte>)codec.FrameOf(request, content.Length)[ShardHeader.SizeBytes..])];

                    // The first m shards are lost, as far as there are data shards among them.
                    int[] lost = [.. Enumerable.Range(0, Math.Min(k, m))];
                    var present = new ReadOnlyMemory<byte>[k + m];
                    for (int slot = lost.Length; slot < present.Length; slot++)
                    {
                        present[slot] = shards[slot];
                    }

                    Memory<byte>[] made = [.. lost.Select(slot => (Memory<byte>)new byte[shards[slot].Length])];
                    codec.Reconstruct(present, lost, made);
                    byte[] joined = [.. Enumerable.Range(0, k).SelectMany(slot => (slot < lost.Length ? made[slot] : shards[slot]).ToArray())];
                    Assert.Equal(content, joined[..content.Length]);
                }
                finally
                {
                    foreach (AlignedMemory request in requests)
                    {
                        request.Dispose();
                    }
                }
            },
            iter: 300);
}
