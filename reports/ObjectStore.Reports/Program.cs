namespace ObjectStore.Reports;

internal static class Program
{
    private static int Main() => 2;
}
