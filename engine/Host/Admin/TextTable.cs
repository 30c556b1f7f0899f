using System;
using System.Collections.Generic;
using System.IO;

namespace ObjectStore.Engine.Host;

/// <summary>Rows in columns that are as wide as their widest cell, two spaces apart; numbers stand right.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [columns];

    internal void Add(params ReadOnlySpan<object> cells)
    {
        string[] row = new string[columns.Length];
        for (int column = 0; column < row.Length; column++)
        {
            row[column] = cells[column].ToString() is { Length: > 0 } text ? text : "-";
        }

        _rows.Add(row);
    }

    internal void WriteTo(TextWriter writer)
    {
        foreach (string[] row in _rows)
        {
            for (int column = 0; column < row.Length; column++)
            {
                int width = Width(column);
                string cell = IsNumeric(column) ? row[column].PadLeft(width) : column == row.Length - 1 ? row[column] : row[column].PadRight(width);
                writer.Write(column == 0 ? cell : "  " + cell);
            }

            writer.WriteLine();
        }
    }

    private int Width(int column)
    {
        int width = 0;
        foreach (string[] row in _rows)
        {
            width = Math.Max(width, row[column].Length);
        }

        return width;
    }

    private bool IsNumeric(int column)
    {
        for (int row = 1; row < _rows.Count; row++)
        {
            if (!char.IsAsciiDigit(_rows[row][column][0]))
            {
                return false;
            }
        }

        return true;
    }
}
