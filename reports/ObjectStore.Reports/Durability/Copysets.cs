using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>
/// How many distinct sets of nodes hold all copies of some chunk, and the probability that some set is lost when nodes fail at once.
/// Source: Cidon et al., Copysets, USENIX ATC 2013, section 2.
/// </summary>
public static class Copysets
{
    /// <summary>Every chunk has its own set: nodes × chunks per node / copies.</summary>
    public static double OfRandomPlacement(double nodes, double chunksPerNode, int copies) => nodes * chunksPerNode / copies;

    /// <summary>
    /// Copies anywhere within a window of the next <paramref name="scatter"/> nodes: C(scatter + copies - 2, copies - 1) sets a node, the count that
    /// reproduces the paper's 22.8 % (C(scatter, copies - 1) would give 19.1 %).
    /// </summary>
    public static double OfWindowPlacement(double nodes, int scatter, int copies) =>
        nodes * SpecialFunctions.Binomial(scatter + copies - 2, copies - 1);

    /// <summary>scatter / (copies - 1) permutations, each cut into nodes / copies sets.</summary>
    public static double OfCopysetPlacement(double nodes, double scatter, int copies) => scatter / (copies - 1) * nodes / copies;

    /// <summary>1 - (1 - sets / C(nodes, copies)) ^ C(failed, copies).</summary>
    public static double LossProbability(int nodes, int failed, int copies, double sets)
    {
        double share = System.Math.Exp(System.Math.Log(sets) - SpecialFunctions.BinomialLn(nodes, copies));
        return -SpecialFunctions.Expm1(SpecialFunctions.Binomial(failed, copies) * SpecialFunctions.Log1p(-share));
    }

    /// <summary>Probability that more than <paramref name="parity"/> of a stripe's nodes are among the failed ones (hypergeometric tail, smallest terms first).</summary>
    public static double StripeLoss(int nodes, int failed, int shards, int parity)
    {
        double sum = 0;
        for (int hit = System.Math.Min(shards, failed); hit > parity; hit--)
        {
            sum += System.Math.Exp(
                SpecialFunctions.BinomialLn(failed, hit) + SpecialFunctions.BinomialLn(nodes - failed, shards - hit) - SpecialFunctions.BinomialLn(nodes, shards));
        }

        return sum;
    }
}
