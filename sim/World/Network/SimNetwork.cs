using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>How frames fare from one node to another. Rates are per million frames.</summary>
public sealed record LinkOptions
{
    /// <summary>Frames that never arrive.</summary>
    public int LossPerMillion { get; init; }

    /// <summary>Frames that arrive twice.</summary>
    public int RepeatPerMillion { get; init; }

    /// <summary>Shortest time on the way.</summary>
    public TimeSpan DelayMin { get; init; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Longest time on the way; frames overtake each other within it.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Nothing gets through in this direction.</summary>
    public bool Cut { get; init; }
}

/// <summary>The network between all nodes: loss, delay, repetition, overtaking and partitions, per direction of each link.</summary>
public sealed class SimNetwork
{
    private readonly SimWorld _world;
    private readonly SortedDictionary<NodeId, Endpoint> _endpoints = [];
    private readonly SortedDictionary<(string From, string To), LinkOptions> _links = [];

    internal SimNetwork(SimWorld world) => _world = world;

    /// <summary>Links that have no options of their own.</summary>
    public LinkOptions Default { get; set; } = new();

    /// <summary>Frames handed over and frames that arrived.</summary>
    public (long Sent, long Delivered) Counts { get; private set; }

    /// <summary>Options of one direction of one link.</summary>
    public LinkOptions this[string from, string to]
    {
        get => _links.GetValueOrDefault((from, to), Default);
        set => _links[(from, to)] = value;
    }

    /// <summary>Cuts every link between the two groups: both ways, or from the first to the second only.</summary>
    public void Partition(IReadOnlyList<string> first, IReadOnlyList<string> second, bool oneWay = false)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        foreach (string left in first)
        {
            foreach (string right in second)
            {
                this[left, right] = this[left, right] with { Cut = true };
                if (!oneWay)
                {
                    this[right, left] = this[right, left] with { Cut = true };
                }
            }
        }
    }

    /// <summary>Gives every link the default options again.</summary>
    public void Heal() => _links.Clear();

    internal INetwork Attach(NodeId self, SimLife life) => _endpoints[self] = new Endpoint(this, self, life);

    private void Send(Endpoint from, NodeId to, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(head.Length + body.Length, INetwork.FrameSizeBytesMax, nameof(body));
        if (from.Life.Ended)
        {
            return;
        }

        Counts = Counts with { Sent = Counts.Sent + 1 };
        LinkOptions link = this[from.Self.Value, to.Value];
        if (link.Cut)
        {
            Lost(from.Self, to, head.Length + body.Length);
            return;
        }

        if (_world.Choices.Chance(link.LossPerMillion, "network.loss"))
        {
            _world.Fault("frame-lost", $"{from.Self.Value}>{to.Value}");
            Lost(from.Self, to, head.Length + body.Length);
            return;
        }

        Dispatch(link, from.Self, to, [.. head, .. body]);
        if (_world.Choices.Chance(link.RepeatPerMillion, "network.repeat"))
        {
            _world.Fault("frame-repeated", $"{from.Self.Value}>{to.Value}");
            Dispatch(link, from.Self, to, [.. head, .. body]);
        }
    }

    private void Dispatch(LinkOptions link, NodeId from, NodeId to, byte[] payload)
    {
        int low = (int)link.DelayMin.TotalMicroseconds;
        int high = (int)link.DelayMax.TotalMicroseconds;
        int delay = high > low ? _world.Choices.Between(low, high, "network.delay") : low;
        long message = _world.Observer?.MessageSent(_world.Now, from.Value, to.Value, FrameText(payload.Length)) ?? 0;
        _world.Schedule(TimeSpan.FromMicroseconds(delay), new Delivery(this, to, new NetworkFrame(from, payload), message));
    }

    private static string FrameText(int lengthBytes) => $"frame of {lengthBytes} bytes";

    private void Lost(NodeId from, NodeId to, int lengthBytes)
    {
        if (_world.Observer is { } observer)
        {
            observer.MessageEnded(observer.MessageSent(_world.Now, from.Value, to.Value, FrameText(lengthBytes)), _world.Now, arrived: false);
        }
    }

    private void Deliver(NodeId to, NetworkFrame frame, long message)
    {
        bool arrives = _endpoints.TryGetValue(to, out Endpoint? receiver) && !receiver.Life.Ended && !this[frame.From.Value, to.Value].Cut;
        _world.Observer?.MessageEnded(message, _world.Now, arrives);
        if (arrives)
        {
            Counts = Counts with { Delivered = Counts.Delivered + 1 };
            receiver!.Arrive(frame);
        }
    }

    private sealed class Delivery(SimNetwork network, NodeId to, NetworkFrame frame, long message) : SimEvent
    {
        public override string ToString() => $"a frame of {frame.Payload.Length} bytes from {frame.From} to {to}";

        protected internal override void Fire() => network.Deliver(to, frame, message);
    }

    private sealed class Endpoint(SimNetwork network, NodeId self, SimLife life) : INetwork
    {
        private readonly Queue<NetworkFrame> _arrived = new();
        private Receiver? _receiver;

        public NodeId Self => self;

        internal SimLife Life => life;

        public void Send(NodeId to, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) => network.Send(this, to, head, body);

        public ValueTask<NetworkFrame> ReceiveAsync(CancellationToken cancellation = default)
        {
            if (cancellation.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<NetworkFrame>(cancellation);
            }

            if (_receiver is { IsWaiting: true })
            {
                throw new SimMisuseException($"two receivers at once on node '{self}'");
            }

            if (_arrived.TryDequeue(out NetworkFrame frame))
            {
                return new ValueTask<NetworkFrame>(frame);
            }

            _receiver = new Receiver(network._world);
            _receiver.Observe(cancellation);
            return _receiver.Task;
        }

        internal void Arrive(NetworkFrame frame)
        {
            if (_receiver is { IsWaiting: true } receiver)
            {
                _receiver = null;
                receiver.Take(frame);
            }
            else
            {
                _arrived.Enqueue(frame);
            }
        }
    }

    private sealed class Receiver(SimWorld world) : SimCompletion<NetworkFrame>(world)
    {
        private CancellationTokenRegistration _registration;

        internal bool IsWaiting => !Cancelled;

        internal void Observe(CancellationToken cancellation)
        {
            if (cancellation.CanBeCanceled)
            {
                _registration = cancellation.UnsafeRegister(
                    static (state, token) => ((Receiver)state!).CompleteCancelled(token), this);
            }
        }

        internal void Take(NetworkFrame frame)
        {
            _registration.Unregister();
            Complete(frame);
        }

        protected internal override void Fire() => throw new System.Diagnostics.UnreachableException();
    }
}
