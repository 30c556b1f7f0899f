using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace ObjectStore.Sim.Mutants;

/// <summary>A unified diff that is applied by its text: the old lines of each hunk must occur exactly once, wherever they are by now.</summary>
public sealed class TextPatch : ISourceChange
{
    private readonly List<Hunk> _hunks;

    private TextPatch(List<Hunk> hunks) => _hunks = hunks;

    private sealed record Hunk(string File, string Old, string New);

    /// <inheritdoc/>
    public IReadOnlyList<string> Files => [.. _hunks.Select(static hunk => hunk.File).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads the lines of a diff.</summary>
    public static TextPatch Parse(ReadOnlySpan<string> lines)
    {
        var hunks = new List<Hunk>();
        string? file = null;
        var before = new StringBuilder();
        var after = new StringBuilder();
        foreach (string line in lines)
        {
            if (line.StartsWith("--- a/", StringComparison.Ordinal) || line.StartsWith("@@", StringComparison.Ordinal))
            {
                Flush();
            }
            else if (line.StartsWith("+++ b/", StringComparison.Ordinal))
            {
                file = line["+++ b/".Length..];
            }
            else
            {
                char kind = line.Length == 0 ? ' ' : line[0];
                string text = line.Length == 0 ? "" : line[1..];
                if (kind is ' ' or '-')
                {
                    before.Append(text).Append('\n');
                }

                if (kind is ' ' or '+')
                {
                    after.Append(text).Append('\n');
                }
            }
        }

        Flush();
        return new TextPatch(hunks);

        void Flush()
        {
            if (before.Length > 0)
            {
                hunks.Add(new Hunk(file ?? throw new InvalidDataException("a hunk before the name of its file"), before.ToString(), after.ToString()));
            }

            before.Clear();
            after.Clear();
        }
    }

    /// <inheritdoc/>
    public string Apply(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (Hunk hunk in _hunks.Where(hunk => hunk.File == file))
        {
            int place = Place(text, hunk.Old);
            if (place < 0 || text.IndexOf(hunk.Old, place + 1, StringComparison.Ordinal) >= 0)
            {
                throw new InvalidDataException($"the patch {(place < 0 ? "no longer fits" : "fits more than one place of")} {file}: bring it up to date\n{hunk.Old}");
            }

            text = string.Concat(text.AsSpan(0, place), hunk.New, text.AsSpan(place + hunk.Old.Length));
        }

        return text;
    }

    /// <summary>Where whole lines stand in a text; -1: nowhere.</summary>
    private static int Place(string text, string lines)
    {
        if (text.StartsWith(lines, StringComparison.Ordinal))
        {
            return 0;
        }

        int place = text.IndexOf('\n' + lines, StringComparison.Ordinal);
        return place < 0 ? -1 : place + 1;
    }
}
