using System.Globalization;

namespace ObjectStore.Reports;

/// <summary>How numbers are written in the reports.</summary>
public static class Figures
{
    public static string Probability(double p) => p.ToString(p >= 0.001 ? "0.0000" : "0.00e-0", CultureInfo.InvariantCulture);

    public static string Nines(double p) => ClosedForms.Nines(p).ToString("0.0", CultureInfo.InvariantCulture);

    public static string Hours(double hours) => double.IsInfinity(hours) ? "never" : hours.ToString(hours < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " h";

    public static string Percent(double share) => (share * 100).ToString("0.###", CultureInfo.InvariantCulture) + " %";

    public static string Dollars(decimal amount) => amount.ToString("#,##0.00", CultureInfo.InvariantCulture) + " $";

    public static string Number(double value, string format = "0.##") => value.ToString(format, CultureInfo.InvariantCulture);
}
