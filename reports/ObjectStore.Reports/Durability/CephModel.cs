using System;

namespace ObjectStore.Reports;

/// <summary>
/// The reliability model that Ceph's developers published: one failure anywhere, then every other copy lost before the declustered recovery ends.
/// </summary>
/// <remarks>
/// Source: ceph/ceph-tools, models/reliability (README.txt for the formulas, RadosRely.py and Config.py for defaults). Times in hours, rates in FIT: failures
/// per 10^9 hours; a year has 8,766 h.
/// </remarks>
public sealed record CephModel
{
    public double DiskBytes { get; init; } = 2e12;

    public double DiskFit { get; init; } = 826;

    /// <summary>Unreadable bits per bit read.</summary>
    public double UnreadablePerBit { get; init; } = 1e-16;

    public int Copies { get; init; } = 2;

    /// <summary>From the failure of a disk to the start of the recovery.</summary>
    public double MarkOutHours { get; init; } = 10.0 / 60;

    /// <summary>Of each disk that takes part.</summary>
    public double RecoveryBytesPerSecond { get; init; } = 50e6;

    /// <summary>Disks that take part; also the disks whose further failure loses something.</summary>
    public int Declustering { get; init; } = 200;

    public double Fullness { get; init; } = 0.75;

    /// <summary>Placement groups that an object is striped over.</summary>
    public int StripeLength { get; init; } = 1;

    public double ObjectBytes { get; init; } = 1 << 30;

    public double RecoveryHours => DiskBytes * Fullness / (RecoveryBytesPerSecond * Declustering) / 3600;

    /// <summary>Share of a disk's objects that a failed recovery loses: half a placement group, as half is recovered by then.</summary>
    public double LossFraction => Copies > 1 ? 1.0 / (2 * Declustering) : 1;

    /// <summary>Probability that every copy of some placement group fails within the period, each within the recovery of the one before.</summary>
    public double DriveLoss(double hours = Assumptions.HoursPerYear) => Fails(DiskFit, hours, Copies * StripeLength) * Rest(last: 1);

    /// <summary>Probability that the recovery of the last copy left meets an unreadable bit.</summary>
    public double UnreadableLoss(double hours = Assumptions.HoursPerYear)
    {
        double bytes = DiskBytes * Fullness * (Copies > 1 ? 2 : 1);
        return Fails(DiskFit, hours, Copies * StripeLength) * Rest(last: 2) * -ClosedForms.Expm1(-UnreadablePerBit * 8 * bytes);
    }

    /// <summary>Loss probability of one object within the period, disks and unreadable bits; an unreadable bit costs the object it is in.</summary>
    public double ObjectLoss(double hours = Assumptions.HoursPerYear)
    {
        double stored = DiskBytes * Fullness;
        return (DriveLoss(hours) * LossFraction) + (UnreadableLoss(hours) * Math.Min(ObjectBytes, stored * LossFraction) / stored);
    }

    /// <summary>Probability that all of so many sites are destroyed, each further one before the first is replaced.</summary>
    public static double SiteLoss(double siteFit, int sites, double replaceHours, double hours = Assumptions.HoursPerYear)
    {
        double loss = Fails(siteFit, hours, sites);
        for (int left = sites - 1; left >= 1; left--)
        {
            loss *= Fails(siteFit, replaceHours, left);
        }

        return loss;
    }

    /// <summary>1 - exp(-rate × hours × parts).</summary>
    public static double Fails(double fit, double hours, double parts) => -ClosedForms.Expm1(-fit * 1e-9 * hours * parts);

    private double Rest(int last)
    {
        double product = 1;
        for (int copies = Copies - 1; copies >= last; copies--)
        {
            product *= Fails(DiskFit, MarkOutHours + RecoveryHours, copies * (double)Declustering);
        }

        return product;
    }
}
