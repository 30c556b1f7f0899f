using System;
using System.IO;
using System.Threading.Tasks;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary>The frame of commands that start a server over a folder of their own.</summary>
internal static class ServerRun
{
    /// <summary>Runs the body; bad use and failures become exit codes with a message, and the folder is removed after.</summary>
    internal static async Task<int> RunAsync(string folder, Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 2;
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
