using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>A run of whole blocks that waits to be hashed.</summary>
internal sealed class Md5LaneJob(Md5State state, ReadOnlyMemory<byte> blocks)
{
    /// <summary>Whose.</summary>
    internal Md5State State { get; } = state;

    /// <summary>What is left of it.</summary>
    internal ReadOnlyMemory<byte> Left { get; private set; } = blocks;

    /// <summary>Completes when nothing is left (false), or when this one must go on leading (true).</summary>
    internal TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal int BlocksLeft => Left.Length / Md5State.BlockBytes;

    internal void Advance(int blockCount)
    {
        Left = Left[(blockCount * Md5State.BlockBytes)..];
        State.Count(blockCount);
    }
}

/// <summary>Hashes the streams of concurrent uploads side by side: eight cost as much time as one. Any thread.</summary>
/// <remarks>
/// No thread of its own. The first stream that comes leads: it lets others queue, then takes blocks of up to eight streams in lockstep until its own are done, and hands the lead to one that is
/// not (flat combining: Hendler, Incze, Shavit, Tzafrir, SPAA'10). Newcomers join between two rounds. On one loop this is deterministic, as all of it is queued there.
/// Invariant: while a stream waits, there is exactly one leader; only the leader touches the lanes.
/// </remarks>
public sealed class Md5Lanes
{
    /// <summary>32 KiB of each stream: what a newcomer waits at most, some 50 microseconds.</summary>
    private const int RoundBlocks = 512;

    private readonly object _gate = new();
    private readonly Queue<Md5LaneJob> _waiting = new();
    private readonly Md5LaneJob[] _lanes = new Md5LaneJob[Md5LaneKernel.LaneCount];
    private int _laneCount;
    private bool _isLed;

    /// <summary>Whether this processor can; without, hash each stream alone.</summary>
    public static bool IsSupported => Md5LaneKernel.IsSupported;

    /// <summary>Rounds so far, and streams in them: their quotient says how well lanes are shared. Exact while nothing is under way.</summary>
    public (long Rounds, long Streams) Usage { get; private set; }

    /// <summary>Takes the next bytes of a stream.</summary>
    /// <param name="state">The stream; one call at a time.</param>
    /// <param name="data">Belongs to the lanes until the task completes.</param>
    public async ValueTask AppendAsync(Md5State state, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(state);
        data = data[state.CompleteTail(data.Span)..];
        int whole = data.Length - (data.Length % Md5State.BlockBytes);
        if (whole > 0)
        {
            await HashAsync(new Md5LaneJob(state, data[..whole]));
        }

        state.KeepTail(data.Span[whole..]);
    }

    private async ValueTask HashAsync(Md5LaneJob job)
    {
        bool leads;
        lock (_gate)
        {
            _waiting.Enqueue(job);
            leads = !_isLed;
            _isLed = true;
        }

        if (leads || await job.Turn.Task)
        {
            await GatherAsync();
            Lead(job);
        }
    }

    /// <summary>Uploads that are as far as this one get to queue before the first round, and as long as more of them come.</summary>
    private async ValueTask GatherAsync()
    {
        int before;
        int now = CountStreams();
        do
        {
            before = now;
            await Task.Yield();
            now = CountStreams();
        }
        while (now > before && now < _lanes.Length);
    }

    private int CountStreams()
    {
        lock (_gate)
        {
            return _laneCount + _waiting.Count;
        }
    }

    private void Lead(Md5LaneJob own)
    {
        // Ends: each round takes blocks of the leader's stream, which waits at the front.
        while (own.BlocksLeft > 0)
        {
            TakeLanes();
            int blocks = RoundBlocks;
            for (int lane = 0; lane < _laneCount; lane++)
            {
                blocks = Math.Min(blocks, _lanes[lane].BlocksLeft);
            }

            Md5LaneKernel.Compress(_lanes.AsSpan(0, _laneCount), blocks);
            Usage = (Usage.Rounds + 1, Usage.Streams + _laneCount);
            EndRound(own, blocks);
        }

        HandOver();
    }

    private void TakeLanes()
    {
        lock (_gate)
        {
            while (_laneCount < _lanes.Length && _waiting.TryDequeue(out Md5LaneJob? next))
            {
                _lanes[_laneCount++] = next;
            }
        }
    }

    private void EndRound(Md5LaneJob own, int blocks)
    {
        int kept = 0;
        for (int lane = 0; lane < _laneCount; lane++)
        {
            Md5LaneJob job = _lanes[lane];
            job.Advance(blocks);
            if (job.BlocksLeft > 0)
            {
                _lanes[kept++] = job;
            }
            else if (job != own)
            {
                job.Turn.SetResult(false);
            }
        }

        Array.Clear(_lanes, kept, _laneCount - kept);
        _laneCount = kept;
    }

    private void HandOver()
    {
        Md5LaneJob next;
        lock (_gate)
        {
            if (_laneCount == 0 && _waiting.TryDequeue(out Md5LaneJob? first))
            {
                _lanes[_laneCount++] = first;
            }

            if (_laneCount == 0)
            {
                _isLed = false;
                return;
            }

            next = _lanes[0];
        }

        next.Turn.SetResult(true);
    }
}
