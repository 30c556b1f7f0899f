using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Seam.Proofs;

/// <summary>One set of seams under test. The fakes and the real ones each have one; the contract suites see no difference.</summary>
public abstract class SeamFixture : IDisposable
{
    /// <summary>The clock.</summary>
    public abstract IClock Clock { get; }

    /// <summary>Loops.</summary>
    public abstract ISpawner Spawner { get; }

    /// <summary>Randomness.</summary>
    public abstract IEntropy Entropy { get; }

    /// <summary>An empty disk.</summary>
    public abstract IDisk Disk { get; }

    /// <summary>The same storage opened again after a clean stop.</summary>
    public abstract IDisk ReopenDisk();

    /// <summary>Two ends of a network, named <c>a</c> and <c>b</c>; null when this set has no network.</summary>
    public abstract (INetwork A, INetwork B)? Network { get; }

    /// <summary>Runs a test body on a loop, to its end.</summary>
    public abstract void Run(Func<Task> body);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the fixture holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>A buffer whose address is a multiple of <paramref name="alignment"/>.</summary>
    public static unsafe Memory<byte> Aligned(int lengthBytes, int alignment)
    {
        byte[] buffer = GC.AllocateArray<byte>(lengthBytes + alignment, pinned: true);
        fixed (byte* address = buffer)
        {
            int skip = (int)((alignment - ((nint)address % alignment)) % alignment);
            return buffer.AsMemory(skip, lengthBytes);
        }
    }
}
