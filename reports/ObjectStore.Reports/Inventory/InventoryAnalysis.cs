using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Globalization;
using System.IO;
using DuckDB.NET.Data;

namespace ObjectStore.Reports;

/// <summary>The answer of one SQL file.</summary>
public sealed record InventoryTable(string Name, IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>
/// Reads an S3 Inventory (Parquet or CSV, one file or a glob) with DuckDB inside this process and runs the SQL files beside the program on it.
/// The view is made by this class; the SQL itself keeps to what Spark and Athena know too.
/// </summary>
public sealed class InventoryAnalysis : IDisposable
{
    private static readonly string[] Files = ["by_class", "by_prefix", "waste"];
    private readonly DuckDBConnection _connection = new("Data Source=:memory:");

    /// <param name="path">Parquet with S3's column names, or CSV without a head: bucket, key, version id, is latest, is delete marker, size, date, class.</param>
    public InventoryAnalysis(string path)
    {
        _connection.Open();
        string quoted = "'" + path.Replace("'", "''", StringComparison.Ordinal) + "'";
        string from = path.EndsWith(".parquet", StringComparison.Ordinal)
            ? $"SELECT key, size, last_modified_date, storage_class, is_latest, is_delete_marker FROM read_parquet({quoted})"
            : "SELECT key, COALESCE(size, 0) AS size, last_modified_date, storage_class, is_latest, is_delete_marker "
                + $"FROM read_csv({quoted}, header = false, columns = {{'bucket': 'VARCHAR', 'key': 'VARCHAR', 'version_id': 'VARCHAR', 'is_latest': 'BOOLEAN', "
                + "'is_delete_marker': 'BOOLEAN', 'size': 'BIGINT', 'last_modified_date': 'TIMESTAMP', 'storage_class': 'VARCHAR'})";
        Execute("CREATE VIEW inventory AS " + from);
    }

    /// <summary>Runs each SQL file once.</summary>
    public IReadOnlyList<InventoryTable> Run()
    {
        var tables = new List<InventoryTable>();
        foreach (string file in Files)
        {
            tables.Add(Query(file, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Inventory", file + ".sql"))));
        }

        return tables;
    }

    /// <summary>Writes an inventory of so many made-up rows, the same for the same count: for trying out and for timing.</summary>
    public static void Generate(string path, long rows)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DbCommand command = connection.CreateCommand();
        string format = path.EndsWith(".parquet", StringComparison.Ordinal) ? "FORMAT parquet" : "FORMAT csv, HEADER false";
        command.CommandText = $"""
            COPY (SELECT 'bucket' AS bucket, 'p' || (i % 40) || '/object-' || i AS key, CAST(i AS VARCHAR) AS version_id, i % 10 <> 0 AS is_latest, i % 100 = 0 AS is_delete_marker,
                CASE WHEN i % 100 = 0 THEN 0 ELSE (i * 7919) % 4000000 END AS size, TIMESTAMP '2024-01-01' + to_minutes(CAST(i % 1000000 AS BIGINT)) AS last_modified_date,
                CASE i % 5 WHEN 0 THEN 'STANDARD_IA' WHEN 1 THEN 'GLACIER' ELSE 'STANDARD' END AS storage_class
            FROM range({rows.ToString(CultureInfo.InvariantCulture)}) t(i)) TO '{path.Replace("'", "''", StringComparison.Ordinal)}' ({format})
            """;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

    private void Execute(string sql)
    {
        using DbCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private InventoryTable Query(string name, string sql)
    {
        using DbCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        using DbDataReader reader = command.ExecuteReader();
        var head = new List<string>();
        for (int i = 0; i < reader.FieldCount; i++)
        {
            head.Add(reader.GetName(i));
        }

        var rows = new List<IReadOnlyList<string>>();
        while (reader.Read())
        {
            string[] row = new string[head.Count];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? "" : Text(reader.GetValue(i));
            }

            rows.Add(row);
        }

        return new InventoryTable(name, head, rows);
    }

    private static string Text(object value) => value switch
    {
        double number => number.ToString("0.##", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
