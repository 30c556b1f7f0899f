using System.Linq;
using ObjectStore.Engine.Erasure;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>One matrix product that both libraries are given: the parity of a stripe, or lost data shards out of the rest.</summary>
internal sealed record CodingRun(byte[] Matrix, int[] Inputs, int[] Outputs, CodingProgram Program)
{
    internal static CodingRun Make(int k, int m, int lost)
    {
        var code = new ErasureCode(k, m);
        bool[] present = [.. Enumerable.Range(0, k + m).Select(shard => lost == 0 ? shard < k : shard >= lost)];
        int[] wanted = [.. lost == 0 ? Enumerable.Range(k, m) : Enumerable.Range(0, lost)];
        ReconstructionPlan plan = code.Plan(present, wanted);
        return new CodingRun(plan.Matrix.ToArray(), [.. plan.Sources], wanted, plan.Program);
    }
}
