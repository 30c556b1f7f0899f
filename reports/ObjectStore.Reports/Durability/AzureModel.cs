namespace ObjectStore.Reports;

/// <summary>
/// The chain of Huang et al., Erasure Coding in Windows Azure Storage, USENIX ATC 2012, section 3: 400 nodes of 16 × 1,024 GB, 1 Gb/s, a tenth of it for repair,
/// 5 years of mean life; the first loss is mended at the pool's speed, later ones as soon as they are detected (30 minutes).
/// </summary>
public static class AzureModel
{
    /// <param name="costFactor">
    /// Shards read per shard repaired in the first repair rate. 1 reproduces the published figures; 6 for RS(6,3) and 3.6 for LRC(6,2,2) do not.
    /// </param>
    public static double MeanYearsToLoss(Layout layout, double costFactor)
    {
        const double gigabitsPerNode = 16 * 1024 * 8;
        double firstRepair = 0.1 * (400 - 1) * 1.0 / (gigabitsPerNode * costFactor) * 3600;
        double[] repairs = new double[layout.Shards + 1];
        System.Array.Fill(repairs, 2.0);
        repairs[1] = firstRepair;
        var stripe = new StripeModel([layout.Shards], layout.Decodable, 1 / (5 * Assumptions.HoursPerYear), repairs);
        return StripeChain.MeanHoursToLoss(stripe) / Assumptions.HoursPerYear;
    }
}
