using System;
using System.IO;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Shows how far an exploration is: one line that changes on a terminal, a new line now and then elsewhere.</summary>
internal sealed class ProgressLine(TextWriter output, string scenario, bool isTerminal)
{
    private readonly TimeSpan _interval = isTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);
    private TimeSpan _shownAt;
    private bool _isOpen;

    internal void Show(Exploration seen)
    {
        if (seen.WallTime - _shownAt < _interval)
        {
            return;
        }

        _shownAt = seen.WallTime;
        string line = $"{scenario}: {seen.Iterations} runs, {seen.Schedules} different, {seen.Events} events, "
            + $"{seen.VirtualTime.TotalSeconds:0} virtual seconds in {seen.WallTime.TotalSeconds:0.0} s";
        if (isTerminal)
        {
            output.Write($"\r{line}   ");
            _isOpen = true;
        }
        else
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Leaves the line.</summary>
    internal void End()
    {
        if (_isOpen)
        {
            output.WriteLine();
            _isOpen = false;
        }
    }
}
