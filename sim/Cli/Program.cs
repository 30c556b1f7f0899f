namespace ObjectStore.Sim.Cli;

internal static class Program
{
    private static int Main() => 2;
}
