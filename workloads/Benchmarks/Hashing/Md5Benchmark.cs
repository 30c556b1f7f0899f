using System;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Workloads.Benchmarks.Hashing;

/// <summary>Entity tags of bodies that are uploaded together: one after the other by the runtime's MD5, and side by side.</summary>
[MemoryDiagnoser]
public class Md5Benchmark
{
    private byte[][] _bodies = [];

    /// <summary>Length of each.</summary>
    [Params(4 * 1024, 1024 * 1024)]
    public int BodyBytes { get; set; } = 4 * 1024;

    /// <summary>Bodies at once.</summary>
    [Params(1, 2, 4, 8, 16)]
    public int Bodies { get; set; } = 8;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _bodies = [.. Enumerable.Range(0, Bodies).Select(_ => new byte[BodyBytes])];
        Array.ForEach(_bodies, random.NextBytes);
    }

    /// <summary>The peer: OpenSSL behind the runtime, one thread.</summary>
    [Benchmark(Baseline = true)]
    public int Runtime() => _bodies.Sum(static body => MD5.HashData(body)[0]);

    /// <summary>The server's way: each body on its own task, all through one <see cref="Md5Lanes"/>.</summary>
    [Benchmark]
    public async Task<int> Lanes()
    {
        var lanes = new Md5Lanes();
        byte[][] digests = await Task.WhenAll(_bodies.Select(body => HashAsync(lanes, body)).ToList());
        return digests.Sum(static digest => digest[0]);
    }

    private static async Task<byte[]> HashAsync(Md5Lanes lanes, byte[] body)
    {
        var state = new Md5State();
        await lanes.AppendAsync(state, body);
        byte[] digest = new byte[Md5State.DigestBytes];
        state.Finish(digest);
        return digest;
    }
}
