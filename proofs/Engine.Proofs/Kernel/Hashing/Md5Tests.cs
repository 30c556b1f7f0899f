using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Kernel;
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
