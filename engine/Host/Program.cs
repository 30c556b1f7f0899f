namespace ObjectStore.Engine.Host;

internal static class Program
{
    private static int Main() => 2;
}
