namespace ObjectStore.Engine.Host;

/// <summary>Exit codes of the program; the help texts list them.</summary>
internal static class ExitCode
{
    internal const int Ok = 0;

    /// <summary>It could not be done; the message says why.</summary>
    internal const int Failed = 1;

    /// <summary>Wrong arguments.</summary>
    internal const int Usage = 2;

    /// <summary>The data folder is in use by another process.</summary>
    internal const int InUse = 3;

    /// <summary>The thing exists already, or does not exist.</summary>
    internal const int Conflict = 4;

    /// <summary>Not now: the region has no leader at the moment.</summary>
    internal const int TryAgain = 5;

    internal const string Help = """


        Exit codes:
          0   done
          1   could not be done; the message on standard error says why
          2   wrong arguments
          3   the data folder is in use by another process
          4   what should be added exists, or what should be removed does not
          5   not now: the region has no leader at the moment; try again
          70  internal error; start again, recovery is part of every start
        """;
}

/// <summary>A command whose own help says more than the line about it in the help of its parent.</summary>
internal sealed class DetailedCommand(string name, string line, string details) : System.CommandLine.Command(name, line)
{
    /// <summary>Called when this command is the one that was named.</summary>
    internal void ShowDetails() => Description = Description + "\n\n" + details + ExitCode.Help;
}

/// <summary>An end of the program that was foreseen: a message for the user and an exit code, no stack trace.</summary>
internal sealed class CommandFailedException(int code, string message) : System.Exception(message)
{
    internal int Code { get; } = code;
}
