using System;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Contract;

/// <summary>Where the bodies of a run come from.</summary>
public interface IBodySource
{
    /// <summary>Bodies carry the digests that the checkers of histories compare. A load run does without: making them costs more than sending the body.</summary>
    bool WithDigests { get; }

    /// <summary>A body that says whose it is.</summary>
    /// <param name="key">The key that it is sent to.</param>
    /// <param name="nonce">Different for every body of a client.</param>
    /// <param name="lengthBytes">0 or more.</param>
    /// <returns>Not to be changed.</returns>
    ReadOnlyMemory<byte> Create(string key, ulong nonce, int lengthBytes);
}

/// <summary>Bodies of their own for recorded histories: <see cref="WorkloadContent"/>.</summary>
public sealed class DistinctBodies : IBodySource
{
    /// <summary>The only one.</summary>
    public static readonly DistinctBodies Instance = new();

    /// <inheritdoc/>
    public bool WithDigests => true;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Create(string key, ulong nonce, int lengthBytes) => WorkloadContent.Create(key, nonce, lengthBytes);
}

/// <summary>What a body amounts to for whoever asks.</summary>
public static class BodyDigests
{
    /// <summary>The whole digest, or the length alone.</summary>
    public static ContentDigest Digest(this IBodySource source, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.WithDigests ? ContentDigest.Of(body) : new ContentDigest(body.Length, 0, "");
    }
}
