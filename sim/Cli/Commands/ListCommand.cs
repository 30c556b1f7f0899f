using System;
using System.CommandLine;
using ObjectStore.Sim.Cli.Simulation;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>list</c>: which scenarios there are.</summary>
internal static class ListCommand
{
    internal static Command Make()
    {
        var command = new Command("list", "Shows the scenarios.");
        command.SetAction(static _ =>
        {
            foreach (SimScenario scenario in ScenarioCatalogue.All)
            {
                Console.WriteLine($"{scenario.Name,-18} {scenario.Description}");
            }

            return ExitCodes.Clean;
        });
        return command;
    }
}
