using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Seam.Proofs;

/// <summary>The real ones: a temporary folder, the loopback address, threads, the machine's clocks.</summary>
internal sealed class HostFixture : SeamFixture
{
    private readonly string _folder = Directory.CreateTempSubdirectory("objectstore-seam-").FullName;
    private readonly JsonTrace _trace = new(Stream.Null);
    private readonly List<Exception> _escaped = [];
    private readonly HostSpawner _spawner;
    private readonly ILoop _loop;
    private readonly TcpNetwork _a;
    private readonly TcpNetwork _b;
    private FileDisk _disk;

    internal HostFixture()
    {
        _spawner = new HostSpawner((_, failure) => _escaped.Add(failure));
        _loop = _spawner.CreateLoop("test");
        _disk = new FileDisk(_folder, _trace);
        _a = new TcpNetwork(new NodeId("a"), new IPEndPoint(IPAddress.Loopback, 0), _trace);
        _b = new TcpNetwork(new NodeId("b"), new IPEndPoint(IPAddress.Loopback, 0), _trace);
        _a.AddPeer(_b.Self, _b.Address!);
        _b.AddPeer(_a.Self, _a.Address!);
    }

    public override IClock Clock { get; } = new SystemClock();

    public override ISpawner Spawner => _spawner;

    public override IEntropy Entropy { get; } = new SystemEntropy();

    public override IDisk Disk => _disk;

    public override (INetwork A, INetwork B)? Network => (_a, _b);

    public override IDisk ReopenDisk()
    {
        _disk.Dispose();
        return _disk = new FileDisk(_folder, _trace);
    }

    public override void Run(Func<Task> body)
    {
        Task run = _loop.CallAsync(
            static async body =>
            {
                await body();
                return true;
            },
            body);
        run.GetAwaiter().GetResult();
        if (_escaped.Count > 0)
        {
            throw new AggregateException(_escaped);
        }
    }

    protected override void Dispose(bool disposing)
    {
        Task.WhenAll(_a.DisposeAsync().AsTask(), _b.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        _spawner.Dispose();
        _disk.Dispose();
        _trace.Dispose();
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }
}

public sealed class HostDiskContract : DiskContract
{
    protected override SeamFixture CreateFixture() => new HostFixture();
}

public sealed class HostClockContract : ClockContract
{
    protected override SeamFixture CreateFixture() => new HostFixture();
}

public sealed class HostLoopContract : LoopContract
{
    protected override SeamFixture CreateFixture() => new HostFixture();
}

public sealed class HostEntropyContract : EntropyContract
{
    protected override SeamFixture CreateFixture() => new HostFixture();
}

public sealed class HostNetworkContract : NetworkContract
{
    protected override SeamFixture CreateFixture() => new HostFixture();
}
