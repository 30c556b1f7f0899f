using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ObjectStore.Engine.Gateway;

namespace ObjectStore.Engine.Host;

/// <summary>A target of events, as the command line says it.</summary>
/// <param name="Name">What ARNs of notification configurations end in.</param>
/// <param name="Address">Where messages are posted to.</param>
/// <param name="Token">Sent as a bearer token; null for none.</param>
internal sealed record EventTargetOption(string Name, Uri Address, string? Token)
{
    private const int TokenBytesMax = 8 * 1024;

    /// <summary>The token can be read on the way.</summary>
    internal bool SendsTokenOpenly => Token is not null && Address.Scheme == Uri.UriSchemeHttp && !Address.IsLoopback;

    /// <summary>Never shows the token, nor path and query, which may be as good as one.</summary>
    public override string ToString() => $"{Name}={Address.GetLeftPart(UriPartial.Authority)}";

    /// <summary>Reads <c>NAME=URL</c>s, and the files that <c>NAME=FILE</c>s say.</summary>
    /// <exception cref="CommandFailedException">One is not so, or a file cannot be used.</exception>
    internal static IReadOnlyList<EventTargetOption> Parse(IReadOnlyList<string> targets, IReadOnlyList<string> tokens)
    {
        var parsed = new List<EventTargetOption>();
        foreach (string text in targets)
        {
            (string name, string address) = Split(text, "--event-target", "NAME=URL");
            if (!EventTargetName.IsValid(name))
            {
                throw Usage($"a target has a name that none can have: 1 to {EventTargetName.CharactersMax} letters, digits, hyphens and underscores do");
            }

            if (parsed.Any(known => known.Name == name))
            {
                throw Usage($"two targets are called {name}");
            }

            parsed.Add(new EventTargetOption(name, ParseAddress(name, address), null));
        }

        if (parsed.Count > EventOptions.TargetsMax)
        {
            throw Usage($"there are at most {EventOptions.TargetsMax} targets of events");
        }

        foreach (string text in tokens)
        {
            (string name, string file) = Split(text, "--event-token", "NAME=FILE");
            int at = parsed.FindIndex(known => known.Name == name);
            if (at < 0)
            {
                throw Usage("--event-token is for a name that no --event-target has");
            }

            if (parsed[at].Token is not null)
            {
                throw Usage($"the target {name} has two tokens");
            }

            parsed[at] = parsed[at] with { Token = ReadToken(file) };
        }

        return parsed;
    }

    private static (string Name, string Value) Split(string text, string option, string form)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < text.Length - 1 ? (text[..equals], text[(equals + 1)..]) : throw Usage($"{option} is {form}");
    }

    // Whoever lists processes sees the command line, so it holds no secrets. What is refused may be one, and is not printed.
    private static Uri ParseAddress(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0 && address.Fragment.Length == 0
            ? address
            : throw Usage($"the address of the target {name} is not where events can be posted to, such as https://example.com/events; a token comes from a file (--event-token)");

    private static string ReadToken(string file)
    {
        string token;
        try
        {
            if (new FileInfo(file).Length > TokenBytesMax)
            {
                throw new CommandFailedException(ExitCode.Failed, $"{file} is too long for a token");
            }

            token = File.ReadAllText(file).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot read the token in {file}: {failure.Message}");
        }

        bool isSent = token.Length > 0 && Ascii.IsValid(token) && !token.Any(static character => char.IsControl(character) || character == ' ');
        return isSent ? token : throw new CommandFailedException(ExitCode.Failed, $"{file} holds no token: one line of printable ASCII without blanks");
    }

    private static CommandFailedException Usage(string message) => new(ExitCode.Usage, message);
}
