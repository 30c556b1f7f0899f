using System;
using System.IO;
using System.Linq;
using Xunit;

namespace ObjectStore.Reports.Proofs;

public sealed class InventoryProofs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("inventory").FullName;

    [Fact]
    public void Csv_and_Parquet_of_the_same_inventory_give_the_same_tables()
    {
        string csv = Path.Combine(_folder, "i.csv");
        string parquet = Path.Combine(_folder, "i.parquet");
        InventoryAnalysis.Generate(csv, 5_000);
        InventoryAnalysis.Generate(parquet, 5_000);
        using var first = new InventoryAnalysis(csv);
        using var second = new InventoryAnalysis(parquet);
        Assert.Equal(first.Run().SelectMany(t => t.Rows), second.Run().SelectMany(t => t.Rows));
    }

    [Fact]
    public void Classes_small_objects_noncurrent_versions_and_delete_markers_are_counted()
    {
        string csv = Path.Combine(_folder, "s3.csv");
        File.WriteAllText(csv, """
            "b","a/1","v1","true","false","1000","2025-01-01T00:00:00.000Z","STANDARD"
            "b","a/2","v1","true","false","200000","2025-01-02T00:00:00.000Z","STANDARD"
            "b","a/2","v0","false","false","50","2024-01-02T00:00:00.000Z","STANDARD"
            "b","c","v1","true","true","","2025-01-03T00:00:00.000Z",""
            "b","d","v1","true","false","7","2025-01-03T00:00:00.000Z","GLACIER"

            """);
        using var analysis = new InventoryAnalysis(csv);
        InventoryTable[] tables = [.. analysis.Run()];
        Assert.Equal(["GLACIER", "1", "7", "1", "131065", "7"], tables[0].Rows[0]);
        Assert.Equal(["STANDARD", "2", "201000", "1", "130072", "100500"], tables[0].Rows[1]);
        Assert.Equal(["a/", "STANDARD", "2", "201000", "2025-01-01", "2025-01-02"], tables[1].Rows[0]);
        Assert.Equal(["1", "50", "1", "5"], tables[2].Rows[0]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
