using System;
using System.Runtime.InteropServices;
using ObjectStore.Engine.Erasure;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>Stripes that one coding run walks over: enough to come from memory each time, or the same one again and again (in cache).</summary>
internal sealed unsafe class StripeMemory : IDisposable
{
    private const long WalkBytes = 512L * 1024 * 1024;

    /// <summary>Which pages a stripe lies on decides how well it fits the second-level cache: in cache there are as many stripes, for <see cref="Move"/>.</summary>
    private const int Places = 10;

    private readonly CodingRun _run;
    private readonly int _shardBytes;
    private readonly nint _strideBytes;
    private readonly nint _stripeBytes;
    private readonly int _stripes;
    private readonly bool _inCache;
    private readonly byte[] _isaTables;
    private readonly byte** _from;
    private readonly byte** _to;
    private void* _memory;
    private int _next;

    /// <summary>Allocates and fills the stripes; every shard begins at a multiple of <paramref name="alignmentBytes"/>.</summary>
    internal StripeMemory(CodingRun run, int shards, int shardBytes, int alignmentBytes, bool inCache)
    {
        (_run, _shardBytes, _inCache) = (run, shardBytes, inCache);
        _strideBytes = (shardBytes + alignmentBytes - 1) / alignmentBytes * alignmentBytes;
        _stripeBytes = _strideBytes * shards;
        _stripes = inCache ? Places : (int)(WalkBytes / _stripeBytes);
        _memory = NativeMemory.AlignedAlloc((nuint)(_stripeBytes * _stripes), 4096);
        for (int stripe = 0; stripe < _stripes; stripe++)
        {
            new Random(stripe).NextBytes(new Span<byte>((byte*)_memory + stripe * _stripeBytes, (int)_stripeBytes));
        }

        _from = (byte**)NativeMemory.Alloc((nuint)run.Inputs.Length, (nuint)sizeof(byte*));
        _to = (byte**)NativeMemory.Alloc((nuint)run.Outputs.Length, (nuint)sizeof(byte*));
        _isaTables = new byte[32 * run.Inputs.Length * run.Outputs.Length];
        if (IsaL.IsInstalled)
        {
            fixed (byte* matrix = run.Matrix, tables = _isaTables)
            {
                IsaL.InitializeTables(run.Inputs.Length, run.Outputs.Length, matrix, tables);
            }
        }
    }

    /// <summary>Goes on to another stripe, in cache too.</summary>
    internal void Move() => _next = (_next + 1) % _stripes;

    /// <summary>One stripe by ISA-L.</summary>
    internal void RunIsaL()
    {
        Advance();
        fixed (byte* tables = _isaTables)
        {
            IsaL.Encode(_shardBytes, _run.Inputs.Length, _run.Outputs.Length, tables, _from, _to);
        }
    }

    /// <summary>One stripe by a kernel of the engine.</summary>
    internal void Run(IShardKernel kernel, ShardStores stores)
    {
        Advance();
        kernel.Run(_run.Program, _from, _to, _shardBytes, stores);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        NativeMemory.Free(_from);
        NativeMemory.Free(_to);
        _memory = null;
    }

    private void Advance()
    {
        byte* stripe = (byte*)_memory + _next * _stripeBytes;
        if (!_inCache)
        {
            Move();
        }

        for (int i = 0; i < _run.Inputs.Length; i++)
        {
            _from[i] = stripe + _run.Inputs[i] * _strideBytes;
        }

        for (int i = 0; i < _run.Outputs.Length; i++)
        {
            _to[i] = stripe + _run.Outputs[i] * _strideBytes;
        }
    }
}
