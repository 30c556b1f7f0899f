using System;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Workloads.Benchmarks.Hashing;

/// <summary>Checksums that S3 clients ask for, over one buffer on one thread; SHA-1 and SHA-256 are the runtime's.</summary>
[MemoryDiagnoser]
public class ChecksumBenchmark
{
    private readonly byte[] _digest = new byte[SHA256.HashSizeInBytes];
    private byte[] _data = [];

    /// <summary>Size of the buffer.</summary>
    [Params(4 * 1024, 1024 * 1024)]
    public int Bytes { get; set; } = 4 * 1024;

    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[Bytes];
        new Random(1).NextBytes(_data);
    }

    [Benchmark]
    public uint Crc32OfZip() => Crc32.Compute(_data);

    [Benchmark]
    public uint Crc32OfCastagnoli() => Crc32C.Compute(_data);

    [Benchmark]
    public ulong Crc64OfNvme() => Crc64Nvme.Compute(_data);

    [Benchmark]
    public int Sha1() => SHA1.HashData(_data, _digest);

    [Benchmark]
    public int Sha256() => SHA256.HashData(_data, _digest);
}
