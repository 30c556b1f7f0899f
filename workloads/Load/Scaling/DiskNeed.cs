using System.Globalization;
using System.IO;
using ObjectStore.Workloads.Library;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>Whether a bucket fits on the disk.</summary>
/// <remarks>
/// Small objects lie in the log of the replicas and in the sorted runs of the metadata, and a merge has old and new runs side by side: before anything is measured
/// three times body and row are reckoned with, afterwards what the last plateau took and half as much again.
/// </remarks>
internal static class DiskNeed
{
    private const int RowBytes = 512;
    private const double CopiesAtFirst = 3;
    private const double Margin = 1.5;

    /// <summary>Bytes for so many more objects.</summary>
    /// <param name="objects">How many.</param>
    /// <param name="sizes">Their sizes.</param>
    /// <param name="measuredPerObject">Bytes that each has taken so far; 0 for not measured.</param>
    internal static long Of(long objects, SizeRange sizes, double measuredPerObject) =>
        (long)(objects * (measuredPerObject > 0 ? measuredPerObject * Margin : (sizes.ToBytes + RowBytes) * CopiesAtFirst));

    /// <summary>What is missing on the disk of a folder; empty for nothing.</summary>
    internal static string Missing(string folder, long neededBytes)
    {
        long free = new DriveInfo(folder).AvailableFreeSpace;
        return free >= neededBytes
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{neededBytes / (double)(1 << 30):F1} GiB are needed in {folder} and {free / (double)(1 << 30):F1} GiB are free");
    }
}
