using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Xunit;

namespace ObjectStore.Commands.Proofs;

/// <summary>Goal: the script hands its arguments on and its exit code back. Method: PowerShell's own engine in this process.</summary>
public sealed class RunSimScriptTests
{
    [Theory]
    [InlineData("list", 0, "conditional-race")]
    [InlineData("run --scenario smoke --seed 4 --iterations 2", 0, "clean")]
    [InlineData("run --scenario nothing-of-that-name", 2, "nothing-of-that-name")]
    public void The_script_passes_arguments_and_exit_code_on(string arguments, int exitCode, string says)
    {
        (string output, int code) = Run(arguments);
        Assert.True(code == exitCode, $"exit code {code}\n{output}");
        Assert.Contains(says, output, StringComparison.Ordinal);
    }

    private static (string Output, int ExitCode) Run(string arguments)
    {
        using Runspace runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        using PowerShell shell = PowerShell.Create(runspace);
        string script = Path.Combine(Commands.Root, "run-sim.ps1");
        shell.AddScript($"& '{script}' {arguments} 2>&1; \"exit code $LASTEXITCODE\"");
        string[] lines = [.. shell.Invoke().Select(static line => line?.ToString() ?? "")];
        Assert.False(shell.HadErrors && lines.Length == 0, string.Join('\n', shell.Streams.Error));
        return (string.Join('\n', lines), int.Parse(lines[^1]["exit code ".Length..]));
    }
}
