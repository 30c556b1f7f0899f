using System.Collections.Generic;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>How outputs reach memory. The caller knows where the data is and who reads the result next; the bytes are the same.</summary>
public enum ShardStores
{
    /// <summary>Through the cache, unless one call moves more than a third-level cache holds.</summary>
    Automatic,

    /// <summary>Through the cache: right when the inputs were just touched, or the outputs are read next (sent, written by a copying call).</summary>
    Cached,

    /// <summary>Past the cache, reading ahead: right for stripes that come from memory and go to a device. Needs outputs aligned to 64 bytes.</summary>
    Streaming,
}

/// <summary>Carries out a <see cref="CodingProgram"/> over whole shards. All kernels give the same bytes.</summary>
public interface IShardKernel
{
    /// <summary>For reports.</summary>
    string Name { get; }

    /// <summary>Computes <paramref name="outputs"/>; they overlap neither each other nor the inputs.</summary>
    unsafe void Run(CodingProgram program, byte** inputs, byte** outputs, int lengthBytes, ShardStores stores);
}

/// <summary>The kernels, chosen by what the machine can do.</summary>
public static class ShardKernels
{
    /// <summary>Those that run here, fastest first.</summary>
    public static IReadOnlyList<IShardKernel> Supported { get; } = Find();

    /// <summary>The fastest.</summary>
    public static IShardKernel Best => Supported[0];

    private static List<IShardKernel> Find()
    {
        var found = new List<IShardKernel>();
        if (Gfni.V512.IsSupported && Avx512F.IsSupported)
        {
            found.Add(new Gfni512Kernel());
        }

        if (Avx2.IsSupported)
        {
            found.Add(new ShuffleKernel256());
        }

        if (AdvSimd.Arm64.IsSupported || Ssse3.IsSupported)
        {
            found.Add(new ShuffleKernel128());
        }

        found.Add(new ScalarKernel());
        return found;
    }
}
