using System.Threading;

namespace ObjectStore.Engine.Kernel;

/// <summary>Which streams are hashed beside which others, and which alone. Any thread.</summary>
/// <remarks>
/// Long bodies share lanes whenever they meet. Short ones do so in a crowd only, since the queue costs about what hashing one of them alone does (Md5Benchmark); and a crowd is requests with a
/// short body under way, whatever they wait for: those that come out of one sync of the log bring the next bodies together. They have lanes of their own, as one behind eight chunks of a
/// mebibyte would wait for milliseconds.
/// Invariant: each <see cref="Join"/> is followed by one <see cref="Leave"/> of the same length.
/// </remarks>
public sealed class Md5Pool
{
    /// <summary>Bodies from here on are long.</summary>
    public const int LongBytes = 16 * 1024;

    /// <summary>Shorter bodies are hashed alone in any crowd.</summary>
    public const int ShortBytesMin = 2 * 1024;

    /// <summary>Requests with a short body that make a crowd, the one that comes included.</summary>
    public const int CrowdMin = Md5LaneKernel.LaneCount;

    private readonly Md5Lanes _long = new();
    private readonly Md5Lanes _short = new();
    private int _shortBodies;

    /// <summary>A body begins.</summary>
    /// <param name="lengthBytes">How long it will be; null when nobody knows.</param>
    /// <returns>The lanes for it; null: hash it alone.</returns>
    public Md5Lanes? Join(long? lengthBytes)
    {
        bool isCrowd = IsShort(lengthBytes) && Interlocked.Increment(ref _shortBodies) >= CrowdMin;
        if (!Md5Lanes.IsSupported)
        {
            return null;
        }

        return lengthBytes is null or >= LongBytes ? _long : isCrowd ? _short : null;
    }

    /// <summary>The request of a body ends, whatever came of it.</summary>
    /// <param name="lengthBytes">As it was said to <see cref="Join"/>.</param>
    public void Leave(long? lengthBytes)
    {
        if (IsShort(lengthBytes))
        {
            Interlocked.Decrement(ref _shortBodies);
        }
    }

    private static bool IsShort(long? lengthBytes) => lengthBytes is >= ShortBytesMin and < LongBytes;
}
