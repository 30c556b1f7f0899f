using System;
using System.CommandLine;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Host;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        ThreadPolicy.TakeTurns();
        var root = new RootCommand(
            """
            ObjectStore: an S3-compatible, strongly consistent object store.

            Start a server and use it with any S3 client:
              objectstore server --data /var/lib/objectstore --listen 127.0.0.1:9000
              aws --endpoint-url http://127.0.0.1:9000 s3 mb s3://photos
            """ + ExitCode.Help)
        {
            ServerCommand.Build(),
            AdminCommands.Build(),
            ClusterCommands.Build(),
        };
        ParseResult parsed = root.Parse(arguments);
        (parsed.CommandResult.Command as DetailedCommand)?.ShowDetails();
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"objectstore: {error.Message}");
            }

            await Console.Error.WriteLineAsync("objectstore: '--help' after any command explains it");
            return ExitCode.Usage;
        }

        try
        {
            // The server listens to signals itself, because it drains; the library would end the process after two seconds.
            var how = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(how);
        }
        catch (CommandFailedException failure)
        {
            await Console.Error.WriteLineAsync($"objectstore: {failure.Message}");
            return failure.Code;
        }
        catch (Exception failure)
        {
            ProcessFailure.End("a command", failure);
            return ProcessFailure.ExitCode;
        }
    }
}
