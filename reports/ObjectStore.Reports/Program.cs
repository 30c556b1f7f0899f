using System;
using System.CommandLine;
using System.IO;
using System.Text.Json;

namespace ObjectStore.Reports;

internal static class Program
{
    private const int BadInput = 2;

    /// <summary>Exit codes: 0 done, 1 a check did not hold or the arguments were wrong, 2 an input file cannot be read or makes no sense.</summary>
    private static int Main(string[] arguments)
    {
        var root = new RootCommand(
            "Numbers a planner can sign: durability, cost and inventory of an erasure-coded object store.\n\n"
            + "Start with:\n  durability --html durability.html     all layouts under the default assumptions\n"
            + "  durability --layout 9+6@3 --afr 0.02  one layout, another failure rate\n\n"
            + "Exit codes: 0 done, 1 wrong arguments or a check that did not hold, 2 an input that cannot be read.")
        {
            DurabilityCommand.Create(), SimulateCommand.Create(), CompareCommand.Create(), CostCommand.Create(), InventoryCommand.Create(),
        };
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception fault) when (fault is FormatException or JsonException or IOException or ArgumentException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine("objectstore-reports: " + fault.Message);
            return BadInput;
        }
    }
}
