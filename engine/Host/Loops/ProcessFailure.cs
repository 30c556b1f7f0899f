using System;
using System.Runtime.InteropServices;

namespace ObjectStore.Engine.Host;

/// <summary>What happens when a bug escapes: the process ends at once, so that nothing goes on from a state nobody reasoned about. Recovery is the restart.</summary>
public static partial class ProcessFailure
{
    /// <summary>The exit code (EX_SOFTWARE of sysexits.h).</summary>
    public const int ExitCode = 70;

    /// <summary>Writes the failure to standard error and ends the process with <see cref="ExitCode"/>, running no handlers: they might wait for the loop that failed.</summary>
    public static void End(string where, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        try
        {
            Console.Error.WriteLine($"objectstore: internal error in {where}; the process ends now and recovers when it is started again.");
            Console.Error.WriteLine(failure.ToString());
            Console.Error.Flush();
        }
        finally
        {
            ExitNow(ExitCode);
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int status);
}
