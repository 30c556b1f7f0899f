namespace ObjectStore.Workloads.Load;

internal static class Program
{
    private static int Main() => 2;
}
