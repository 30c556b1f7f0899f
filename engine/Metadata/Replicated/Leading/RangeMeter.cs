using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Paces of measuring ranges.</summary>
public sealed record RangeMeterOptions
{
    /// <summary>Between two passes over all rows.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Rows looked at in one go.</summary>
    public int StepRows { get; init; } = 1000;

    /// <summary>Rest between two goes, so that a pass over millions of rows leaves the disk to others.</summary>
    public TimeSpan StepRest { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>On the leader of a group: walks over the objects of its ranges, slowly, and tells how many there are, how large, and where the middle is.</summary>
public sealed class RangeMeter : LeaderWorker
{
    private const int SampleMax = 1024;

    private readonly ShardModule _shard;
    private readonly RangeMeterOptions _options;
    private Pass? _pass;
    private ulong _touchedBefore;
    private TimeSpan _measuredAt;

    /// <summary>Prepares it; <see cref="LeaderWorker.Start"/> it.</summary>
    public RangeMeter(NodeEnvironment environment, IRaftGroup raft, GroupMachine machine, ShardModule shard, IGroupCalls groups, RangeMeterOptions options)
        : base($"group-{raft?.Id}-meter", environment, raft!, machine, groups)
    {
        (_shard, _options) = (shard, options);
        _measuredAt = Clock.Now;
    }

    /// <inheritdoc/>
    protected override Task WaitForProgressAsync() => _shard.Progress.WaitAsync();

    /// <inheritdoc/>
    protected override async ValueTask<TimeSpan> LeadAsync()
    {
        Pass pass = _pass ??= Begin();
        if (pass.Ranges.TryPeek(out PositionRange range))
        {
            await WalkAsync(pass, range);
            return _options.StepRest;
        }

        _shard.Meter.Loads = pass.Loads;
        _pass = null;
        (_touchedBefore, _measuredAt) = (_shard.Meter.Touched, Clock.Now);
        return _options.Interval;
    }

    private Pass Begin()
    {
        var pass = new Pass();
        foreach (Holding holding in _shard.Holdings.List)
        {
            if (holding.State == HoldingState.Active)
            {
                pass.Ranges.Enqueue(holding.Range);
            }
        }

        return pass;
    }

    private async ValueTask WalkAsync(Pass pass, PositionRange range)
    {
        using IReadView state = Machine.Read();
        using IScan scan = RangeRows.Scan(state, Tables.Objects, range);
        if (pass.LastKey.Length > 0)
        {
            scan.SkipTo(pass.LastKey.Concat(new byte[] { 0 }));
        }

        for (int rows = 0; rows < _options.StepRows; rows++)
        {
            if (!await scan.NextAsync())
            {
                pass.Loads.Add(Measured(pass, range));
                pass.EndRange();
                return;
            }

            pass.Add(scan.Key.ToArray(), scan.Value);
        }
    }

    private RangeLoad Measured(Pass pass, PositionRange range)
    {
        LoadMeter meter = _shard.Meter;
        (int within, int outOf, ReadOnlyMemory<byte> hotMiddle) = meter.Look(range, _touchedBefore);
        double seconds = Math.Max((Clock.Now - _measuredAt).TotalSeconds, 0.001);
        double requests = outOf == 0 ? 0 : (double)(meter.Touched - _touchedBefore) * within / outOf / seconds;
        return new RangeLoad(range, pass.Rows, pass.Bytes, LoadMeter.MiddleOf(pass.Sample, range), (long)requests, hotMiddle);
    }

    /// <summary>One walk over all ranges that were active when it began.</summary>
    private sealed class Pass
    {
        private long _stride = 1;

        internal Queue<PositionRange> Ranges { get; } = [];

        internal List<RangeLoad> Loads { get; } = [];

        /// <summary>Every so manyth position of the range, evenly spread over its rows.</summary>
        internal List<ReadOnlyMemory<byte>> Sample { get; private set; } = [];

        internal byte[] LastKey { get; private set; } = [];

        internal long Rows { get; private set; }

        internal long Bytes { get; private set; }

        internal void Add(byte[] key, ReadOnlyMemory<byte> value)
        {
            ObjectRow row = RowFormat.DecodeObject(value, "", 1);
            LastKey = key;
            Bytes += key.Length + value.Length + (row.DataOutside.Inline?.LengthBytes ?? 0);
            if (Rows++ % _stride != 0)
            {
                return;
            }

            Sample.Add(Positions.OfKeyOfRow(key));
            if (Sample.Count == SampleMax)
            {
                // Every second one goes, and from now on half as many come.
                var half = new List<ReadOnlyMemory<byte>>(SampleMax);
                for (int i = 0; i < Sample.Count; i += 2)
                {
                    half.Add(Sample[i]);
                }

                (Sample, _stride) = (half, _stride * 2);
            }
        }

        internal void EndRange()
        {
            Ranges.Dequeue();
            (Rows, Bytes, _stride, LastKey) = (0, 0, 1, []);
            Sample.Clear();
        }
    }
}
