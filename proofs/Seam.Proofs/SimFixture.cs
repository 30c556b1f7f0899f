using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Seam.Proofs;

/// <summary>The fakes of the simulator.</summary>
internal sealed class SimFixture : SeamFixture
{
    private readonly SimWorld _world;
    private readonly NodeEnvironment _a;
    private readonly NodeEnvironment _b;
    private SimDisk _disk;

    internal SimFixture(ulong seed = 1, int sectorSizeBytes = 512)
    {
        _world = new SimWorld(new SeededChoices(seed), new SimOptions { Disk = new SimDiskOptions { SectorSizeBytes = sectorSizeBytes } });
        _disk = _world.CreateDisk();
        _a = _world.CreateEnvironment(_disk, "a");
        _b = _world.CreateEnvironment(_disk, "b");
    }

    public override IClock Clock => _world.Clock;

    public override ISpawner Spawner => _a.Spawner;

    public override IEntropy Entropy => _a.Entropy;

    public override IDisk Disk => _disk;

    public override (INetwork A, INetwork B)? Network => (_a.Network, _b.Network);

    public override IDisk ReopenDisk() => _disk = _disk.Crash(_world.Choices, CrashStyle.KeepAll);

    public override void Run(Func<Task> body) => _world.Run(body);
}

public sealed class SimDiskContract : DiskContract
{
    protected override SeamFixture CreateFixture() => new SimFixture();
}

public sealed class SimDiskWithLargeSectorsContract : DiskContract
{
    protected override SeamFixture CreateFixture() => new SimFixture(seed: 2, sectorSizeBytes: 4096);
}

public sealed class SimClockContract : ClockContract
{
    protected override SeamFixture CreateFixture() => new SimFixture();
}

public sealed class SimLoopContract : LoopContract
{
    protected override SeamFixture CreateFixture() => new SimFixture();
}

public sealed class SimEntropyContract : EntropyContract
{
    protected override SeamFixture CreateFixture() => new SimFixture();
}

public sealed class SimNetworkContract : NetworkContract
{
    protected override SeamFixture CreateFixture() => new SimFixture();
}
