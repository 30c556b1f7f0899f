using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>A clock that may drift and whose wall time may jump.</summary>
public sealed class SimClock : IClock
{
    private readonly SimWorld _world;
    private readonly SimLife? _life;
    private TimeSpan _ownBase;
    private TimeSpan _worldBase;
    private int _driftPerMillion;

    internal SimClock(SimWorld world, SimLife? life) => (_world, _life) = (world, life);

    /// <inheritdoc/>
    public TimeSpan Now => _ownBase + Scaled(_world.Now - _worldBase);

    /// <inheritdoc/>
    public DateTime UtcNow => _world.Options.StartUtc + _world.Now + WallOffset;

    /// <summary>How far the wall clock is off; set it to let the wall clock jump.</summary>
    public TimeSpan WallOffset { get; set; }

    /// <summary>How much faster (or, below zero, slower) than true time the monotonic clock runs, from -900,000 to 900,000 millionths.</summary>
    public int DriftPerMillion
    {
        get => _driftPerMillion;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 900_000);
            ArgumentOutOfRangeException.ThrowIfLessThan(value, -900_000);
            _ownBase = Now;
            _worldBase = _world.Now;
            _driftPerMillion = value;
        }
    }

    /// <inheritdoc/>
    public ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

        if (delay <= TimeSpan.Zero)
        {
            return default;
        }

        var wait = new Wait(_world, _life ?? _world.Current?.Life);
        long trueTicks = _driftPerMillion == 0
            ? delay.Ticks
            : (long)Math.Ceiling(delay.Ticks * (1_000_000m / (1_000_000m + _driftPerMillion)));
        _world.Schedule(new TimeSpan(trueTicks), wait);
        wait.Observe(cancellation);
        return wait.PlainTask;
    }

    private TimeSpan Scaled(TimeSpan passed) =>
        _driftPerMillion == 0 ? passed : passed + new TimeSpan((long)(passed.Ticks * (_driftPerMillion / 1_000_000m)));

    private sealed class Wait : SimCompletion<bool>
    {
        private CancellationTokenRegistration _registration;

        internal Wait(SimWorld world, SimLife? life)
            : base(world) => Life = life;

        public override string ToString() => "a delay";

        internal void Observe(CancellationToken cancellation)
        {
            if (cancellation.CanBeCanceled)
            {
                _registration = cancellation.UnsafeRegister(
                    static (state, token) => ((Wait)state!).CompleteCancelled(token), this);
            }
        }

        protected internal override void Fire()
        {
            _registration.Unregister();
            Complete(true);
        }
    }
}
