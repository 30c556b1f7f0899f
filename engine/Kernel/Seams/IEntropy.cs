using System;

namespace ObjectStore.Engine.Kernel;

/// <summary>Randomness: every id, nonce, secret and jitter comes from here. May be called from any thread.</summary>
/// <remarks>The real one is a cryptographic generator; the simulated one is seeded, so a run can be repeated.</remarks>
public interface IEntropy
{
    /// <summary>64 uniformly random bits.</summary>
    ulong NextUInt64();

    /// <summary>Fills the buffer with random bytes.</summary>
    void Fill(Span<byte> destination);
}
