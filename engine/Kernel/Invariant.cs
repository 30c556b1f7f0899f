using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ObjectStore.Engine.Kernel;

/// <summary>A bug in the engine showed itself. Nobody in the engine catches it: the simulator stops the run, the host ends the process.</summary>
public sealed class InvariantViolationException(string message) : Exception(message);

/// <summary>Assertions that stay on in production. For bugs only; what a correct caller can meet is an error or an exception of its own.</summary>
public static class Invariant
{
    /// <summary>Throws when <paramref name="condition"/> does not hold.</summary>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        string message,
        [CallerArgumentExpression(nameof(condition))] string expression = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
    {
        if (!condition)
        {
            Fail(message, expression, file, line);
        }
    }

    [DoesNotReturn]
    private static void Fail(string message, string expression, string file, int line) =>
        throw new InvariantViolationException(
            $"{message} [{expression}] at {file[(file.LastIndexOf('/') + 1)..]}:{line}");
}
