using System.Threading;

namespace ObjectStore.Engine.Kernel;

/// <summary>Which streams are hashed beside which others, and which alone. Any thread.</summary>
/// <remarks>
/// Long bodies share lanes whenever they meet. Short ones do so in a crowd only: the queue costs two or three microseconds, and hashing 4 KiB alone seven. They have lanes of their own, as one behind eight chunks of a mebibyte would wait for milliseconds.
/// Invariant: each <see cref="Join"/> is followed by one <see cref="Leave"/>.
/// </remarks>
public sealed class Md5Pool
{
    /// <summary>Bodies from here on are long.</summary>
    public const int LongBytes = 16 * 1024;

    /// <summary>Shorter bodies are hashed alone in any crowd.</summary>
    public const int ShortBytesMin = 2 * 1024;

    /// <summary>Streams under way that make a crowd, the one that comes included.</summary>
    public const int CrowdMin = Md5LaneKernel.LaneCount;

    private readonly Md5Lanes _long = new();
    private readonly Md5Lanes _short = new();
    private int _streams;

    /// <summary>A stream begins.</summary>
    /// <param name="lengthBytes">How long it will be; null when nobody knows.</param>
    /// <returns>The lanes for it; null: hash it alone.</returns>
    public Md5Lanes? Join(long? lengthBytes)
    {
        int streams = Interlocked.Increment(ref _streams);
        if (!Md5Lanes.IsSupported)
        {
            return null;
        }

        if (lengthBytes is null or >= LongBytes)
        {
            return _long;
        }

        return lengthBytes >= ShortBytesMin && streams >= CrowdMin ? _short : null;
    }

    /// <summary>A stream ends, whole or not.</summary>
    public void Leave() => Interlocked.Decrement(ref _streams);
}
