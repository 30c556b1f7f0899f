using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Xunit;

namespace ObjectStore.Commands.Proofs;

/// <summary>Applies a unified diff by its text: each hunk's old lines must occur exactly once, wherever they are by now.</summary>
internal static class Patch
{
    internal static void Apply(IReadOnlyList<string> patch, string root)
    {
        string? file = null;
        var before = new StringBuilder();
        var after = new StringBuilder();
        foreach (string line in patch)
        {
            if (line.StartsWith("+++ b/", StringComparison.Ordinal))
            {
                file = Path.Combine(root, line["+++ b/".Length..]);
            }
            else if (line.StartsWith("diff ", StringComparison.Ordinal) || line.StartsWith("@@", StringComparison.Ordinal))
            {
                Flush();
            }
            else if (file is not null && line.Length > 0 && line[0] is ' ' or '-' or '+')
            {
                if (line[0] != '+')
                {
                    before.Append(line.AsSpan(1)).Append('\n');
                }

                if (line[0] != '-')
                {
                    after.Append(line.AsSpan(1)).Append('\n');
                }
            }
        }

        Flush();

        void Flush()
        {
            if (before.Length > 0)
            {
                string text = File.ReadAllText(file!);
                string old = before.ToString();
                int place = text.IndexOf(old, StringComparison.Ordinal);
                Assert.True(place >= 0 && text.IndexOf(old, place + 1, StringComparison.Ordinal) < 0, $"the patch no longer fits {file}: bring it up to date\n{old}");
                File.WriteAllText(file!, string.Concat(text.AsSpan(0, place), after.ToString(), text.AsSpan(place + old.Length)));
            }

            before.Clear();
            after.Clear();
        }
    }
}
