using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace ObjectStore.Sim.World;

/// <summary>A run as a file: which scenario, and every answer. Text, so that it can go into a bug report.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Answers">All answers, in the order asked.</param>
public sealed record ChoiceFile(string Scenario, IReadOnlyList<int> Answers)
{
    private const string Magic = "objectstore-choices 1";

    /// <summary>Writes the file, replacing what was there.</summary>
    public void Save(string path)
    {
        var text = new StringBuilder();
        text.Append(Magic).Append('\n').Append(Scenario).Append('\n');
        for (int index = 0; index < Answers.Count; index++)
        {
            text.Append(Answers[index]).Append(index % 32 == 31 ? '\n' : ' ');
        }

        File.WriteAllText(path, text.Append('\n').ToString());
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is not a choice file.</exception>
    public static ChoiceFile Load(string path)
    {
        string[] parts = File.ReadAllText(path).Split('\n', 3);
        if (parts.Length < 3 || parts[0].TrimEnd() != Magic)
        {
            throw new InvalidDataException($"'{path}' does not begin with '{Magic}'");
        }

        var answers = new List<int>();
        foreach (string word in parts[2].Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int answer))
            {
                throw new InvalidDataException($"'{path}' holds '{word}' where a number should be");
            }

            answers.Add(answer);
        }

        return new ChoiceFile(parts[1].TrimEnd(), answers);
    }
}
