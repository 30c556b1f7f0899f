using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>Tables for the terminal: columns as wide as their widest cell, the first one to the left, the others to the right.</summary>
public static class Tables
{
    public static void Print(TextWriter to, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [head, .. rows];
        int[] widths = [.. head.Select((_, column) => all.Max(row => row[column].Length))];
        foreach (IReadOnlyList<string> row in all)
        {
            to.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }
}
