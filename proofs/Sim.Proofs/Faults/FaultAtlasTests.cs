using System.Collections.Generic;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

public sealed class FaultAtlasTests
{
    [Fact]
    public void Each_run_draws_its_own_mix_and_never_more_than_the_ceiling()
    {
        var ceiling = new FaultPlan { ReadFailsPerMillion = 1000, SyncFailsPerMillion = 50, RotPerMillion = 5, CrashCountMax = 3 };
        var mixes = new HashSet<FaultPlan>();
        for (ulong seed = 0; seed < 300; seed++)
        {
            FaultPlan drawn = FaultAtlas.Draw(ceiling, new SeededChoices(seed));
            mixes.Add(drawn);
            Assert.Contains(drawn.ReadFailsPerMillion, (int[])[0, 100, 1000]);
            Assert.Contains(drawn.SyncFailsPerMillion, (int[])[0, 5, 50]);
            Assert.Contains(drawn.RotPerMillion, (int[])[0, 1, 5]);
            Assert.Equal(0, drawn.WriteFailsPerMillion);
            Assert.Equal(3, drawn.CrashCountMax);
        }

        Assert.Equal(27, mixes.Count);
    }

    [Fact]
    public void Only_damage_to_the_one_copy_excuses_from_serving()
    {
        Assert.Equal(FaultExpectation.Serves, FaultAtlas.Expect(new FaultPlan { SyncFailsPerMillion = 1, ReadFailsPerMillion = 1, CrashCountMax = 9, FillCountMax = 1, StallsPerMillion = 1 }));
        Assert.Equal(FaultExpectation.NeverWrong, FaultAtlas.Expect(new FaultPlan { RotPerMillion = 1 }));
        Assert.Equal(FaultExpectation.NeverWrong, FaultAtlas.Expect(new FaultPlan { LatentErrorsPerMillion = 1 }));
        Assert.True(FaultAtlas.Spares("wal-0000000000000001"));
        Assert.False(FaultAtlas.Spares("extent-00000001"));
    }
}
