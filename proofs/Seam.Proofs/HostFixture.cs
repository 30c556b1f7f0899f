using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Security.Cryptography.X509Certificates;
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
    private readonly NodeCredentials? _credentialsOfA;
    private readonly NodeCredentials? _credentialsOfB;
    private FileDisk _disk;

    /// <param name="certificates">Nodes prove their names, over TLS.</param>
    internal HostFixture(bool certificates = false)
    {
        if (certificates)
        {
            using X509Certificate2 authority = RegionAuthority.Create("proof", TimeSpan.FromDays(1));
            (_credentialsOfA, _credentialsOfB) = (Issue(authority, "a"), Issue(authority, "b"));
        }

        _spawner = new HostSpawner((_, failure) => _escaped.Add(failure));
        _loop = _spawner.CreateLoop("test");
        _disk = new FileDisk(_folder, _trace);
        _a = new TcpNetwork(new NodeId("a"), new IPEndPoint(IPAddress.Loopback, 0), _credentialsOfA, _trace);
        _b = new TcpNetwork(new NodeId("b"), new IPEndPoint(IPAddress.Loopback, 0), _credentialsOfB, _trace);
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
        _credentialsOfA?.Dispose();
        _credentialsOfB?.Dispose();
        _spawner.Dispose();
        _disk.Dispose();
        _trace.Dispose();
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    private static NodeCredentials Issue(X509Certificate2 authority, string node) =>
        new(X509CertificateLoader.LoadCertificate(authority.RawData), RegionAuthority.Issue(authority, node, TimeSpan.FromDays(1)));
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

public sealed class HostNetworkWithCertificatesContract : NetworkContract
{
    protected override SeamFixture CreateFixture() => new HostFixture(certificates: true);
}
