using System.Threading;

namespace ObjectStore.Workloads.NBomber;

/// <summary>Requests of a run, warm-up included. Thread-safe.</summary>
internal sealed class RunCounts
{
    private long _right;
    private long _wrong;

    /// <summary>Answered as they must be.</summary>
    internal long Right => Interlocked.Read(ref _right);

    /// <summary>Not answered, refused, or answered with wrong content.</summary>
    internal long Wrong => Interlocked.Read(ref _wrong);

    internal void Add(bool isRight)
    {
        if (isRight)
        {
            Interlocked.Increment(ref _right);
        }
        else
        {
            Interlocked.Increment(ref _wrong);
        }
    }
}
