using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using Xunit;

namespace ObjectStore.Engine.Proofs;

/// <summary>Goal: our MD5 is MD5, alone and beside others. Method: the runtime's as the oracle, on any lengths, cuts and numbers of streams.</summary>
public sealed class Md5Tests
{
    private static readonly Gen<byte[]> Content = Gen.Int[0, 3000].SelectMany(static length => Gen.Byte.Array[length]);

    [Fact]
    public void Any_content_in_any_pieces_has_its_digest() =>
        Gen.Select(Content, Gen.Int[1, 200].List[1, 20]).Sample((content, pieces) =>
        {
            var state = new Md5State();
            foreach (ReadOnlyMemory<byte> piece in Cut(content, pieces))
            {
                state.Append(piece.Span);
            }

            Assert.Equal(MD5.HashData(content), Finish(state));
        });

    [Fact]
    public void Streams_hashed_together_have_their_own_digests() =>
        Gen.Select(Content.List[1, 20], Gen.Int[1, 700].List[1, 20]).Sample((contents, pieces) =>
        {
            var lanes = new Md5Lanes();
            using var loop = new QueueLoop();
            Task<byte[]>[] digests = [.. contents.Select(content => QueueLoop.Start(() => HashAsync(lanes, content, pieces)))];
            loop.RunUntilIdle();
            Assert.All(digests, static digest => Assert.True(digest.IsCompletedSuccessfully));
            Assert.Equal(contents.Select(static content => Convert.ToHexString(MD5.HashData(content))), digests.Select(static digest => Convert.ToHexString(digest.Result)));
        });

    [Fact]
    public void Streams_that_come_together_share_the_lanes()
    {
        var lanes = new Md5Lanes();
        using var loop = new QueueLoop();
        byte[][] contents = [.. Enumerable.Range(0, 8).Select(static seed => Bytes(seed, 256 * 1024))];
        Task<byte[]>[] digests = [.. contents.Select(content => QueueLoop.Start(() => HashAsync(lanes, content, [content.Length])))];
        loop.RunUntilIdle();
        Assert.All(contents.Zip(digests), static pair => Assert.Equal(MD5.HashData(pair.First), pair.Second.Result));
        Assert.Equal((8, 64), lanes.Usage);
    }

    /// <summary>More streams than lanes, of all lengths, on the threads of the pool: the lead goes from one to the next and nobody is left waiting.</summary>
    [Fact]
    public async Task Many_threads_share_the_lanes_without_losing_anybody()
    {
        var lanes = new Md5Lanes();
        byte[][] contents = [.. Enumerable.Range(0, 60).Select(static seed => Bytes(seed, (seed * 7919) + 1))];
        byte[][] digests = await Task.WhenAll(contents.Select(content => Task.Run(() => HashAsync(lanes, content, [100_000, 64, 1, 70_000]))).ToList());
        Assert.All(contents.Zip(digests), static pair => Assert.Equal(MD5.HashData(pair.First), pair.Second));
    }

    [Fact]
    public void Short_bodies_share_lanes_in_a_crowd_and_never_with_long_ones()
    {
        if (!Md5Lanes.IsSupported)
        {
            return;
        }

        var pool = new Md5Pool();
        Md5Lanes? big = pool.Join(Md5Pool.LongBytes);
        Md5Lanes? unknown = pool.Join(lengthBytes: null);
        Md5Lanes?[] early = [.. Enumerable.Range(1, Md5Pool.CrowdMin - 1).Select(_ => pool.Join(Md5Pool.ShortBytesMin))];
        Md5Lanes? crowded = pool.Join(Md5Pool.LongBytes - 1);
        Md5Lanes? tiny = pool.Join(Md5Pool.ShortBytesMin - 1);
        Assert.All(early, Assert.Null);
        Assert.NotNull(crowded);
        Assert.Null(tiny);
        Assert.NotNull(big);
        Assert.Same(big, unknown);
        Assert.NotSame(big, crowded);
    }

    [Fact]
    public void A_crowd_ends_when_its_hashers_are_disposed()
    {
        var pool = new Md5Pool();
        for (int round = 0; round < 3; round++)
        {
            List<BodyHasher> crowd = [.. Enumerable.Range(0, Md5Pool.CrowdMin).Select(_ => new BodyHasher(md5: true, sha256: false, ChecksumAlgorithm.None, pool, 4096))];
            crowd.ForEach(static hasher => hasher.Dispose());
            crowd.ForEach(static hasher => hasher.Dispose());
        }

        Assert.All(Enumerable.Range(1, Md5Pool.CrowdMin - 1), _ => Assert.Null(pool.Join(4096)));
        Assert.Equal(Md5Lanes.IsSupported, pool.Join(4096) is not null);
    }

    [Fact]
    public void Bodies_of_a_crowd_have_their_own_digests() =>
        Gen.Int[0, 3 * Md5Pool.LongBytes].List[1, 30].Sample(lengths =>
        {
            var pool = new Md5Pool();
            using var loop = new QueueLoop();
            byte[][] contents = [.. lengths.Select(static (length, index) => Bytes(index, length))];
            Task<byte[]>[] digests = [.. contents.Select(content => QueueLoop.Start(() => HashAsync(pool, content)))];
            loop.RunUntilIdle();
            Assert.Equal(contents.Select(static content => Convert.ToHexString(MD5.HashData(content))), digests.Select(static digest => Convert.ToHexString(digest.Result)));
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task As_the_checksum_it_is_computed_without_being_asked_for_alone_and_beside_others(bool isPooled)
    {
        byte[] data = Bytes(1, Md5Pool.LongBytes);
        using var hasher = new BodyHasher(md5: false, sha256: false, ChecksumAlgorithm.Md5, isPooled ? new Md5Pool() : null, data.Length);
        hasher.Append(data);
        await hasher.AppendMd5Async(data);
        Assert.Equal(MD5.HashData(data), hasher.Finish().Checksum);
    }

    private static async Task<byte[]> HashAsync(Md5Pool pool, byte[] content)
    {
        using var hasher = new BodyHasher(md5: true, sha256: false, ChecksumAlgorithm.None, pool, content.Length);
        await Task.Yield();
        hasher.Append(content);
        await hasher.AppendMd5Async(content);
        return hasher.Finish().Md5;
    }

    private static async Task<byte[]> HashAsync(Md5Lanes lanes, byte[] content, IReadOnlyList<int> pieces)
    {
        var state = new Md5State();
        foreach (ReadOnlyMemory<byte> piece in Cut(content, pieces))
        {
            await lanes.AppendAsync(state, piece);
        }

        return Finish(state);
    }

    private static byte[] Finish(Md5State state)
    {
        byte[] digest = new byte[Md5State.DigestBytes];
        state.Finish(digest);
        return digest;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Cut(byte[] content, IReadOnlyList<int> pieces)
    {
        int at = 0;
        for (int piece = 0; at < content.Length; piece++)
        {
            int length = Math.Min(pieces[piece % pieces.Count], content.Length - at);
            yield return content.AsMemory(at, length);
            at += length;
        }
    }

    private static byte[] Bytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
