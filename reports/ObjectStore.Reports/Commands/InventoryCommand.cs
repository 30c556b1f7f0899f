using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>`inventory`: what a bucket holds and which class would be cheaper, from an S3 Inventory.</summary>
public static class InventoryCommand
{
    private static readonly string[] Head = ["of", "class now", "objects", "dollars now", "cheapest", "dollars then", "saved"];

    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "S3 Inventory: .parquet or .csv, one file or a glob such as 'data/*.parquet'." };
        var generate = new Option<long?>("--generate") { Description = "First write a made-up inventory of so many rows to that path." };
        var kept = new Option<decimal>("--kept-months") { Description = "How much longer the objects are kept.", DefaultValueFactory = _ => 12 };
        var reads = new Option<decimal>("--reads") { Description = "Whole reads of each object a month; an inventory does not say.", DefaultValueFactory = _ => 0.05m };
        var (html, json, csv) = OutputOptions.Create();
        var command = new Command("inventory", "Analyses an S3 Inventory with DuckDB in this process; the SQL files also run on Spark and Athena.") { path, generate, kept, reads, html, json, csv };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(path)!;
            if (parsed.GetValue(generate) is long count)
            {
                InventoryAnalysis.Generate(file, count);
            }

            var watch = Stopwatch.StartNew();
            IReadOnlyList<InventoryTable> tables;
            try
            {
                using var analysis = new InventoryAnalysis(file);
                tables = analysis.Run();
            }
            catch (DbException fault)
            {
                throw new IOException($"'{file}' is not an inventory that can be read: {fault.Message}", fault);
            }

            string took = watch.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
            IReadOnlyList<string>[] advice = [.. Advice(tables[0], 0, parsed.GetValue(kept), parsed.GetValue(reads)), .. Advice(tables[1], 1, parsed.GetValue(kept), parsed.GetValue(reads))];
            foreach (InventoryTable table in tables)
            {
                Console.WriteLine(table.Name);
                Tables.Print(Console.Out, table.Head, table.Rows);
            }

            Console.WriteLine("cheapest class");
            Tables.Print(Console.Out, Head, advice);
            Console.WriteLine("read and analysed in " + took);
            new Outputs(parsed.GetValue(html), parsed.GetValue(json), parsed.GetValue(csv)).Write(
                Console.Out, () => Html(tables, advice, parsed.GetValue(kept), parsed.GetValue(reads)), new { tables, Advice = advice }, tables[0].Head, tables[0].Rows);
            return 0;
        });
        return command;
    }

    /// <summary>The cheapest class of each row of a table whose column <paramref name="column"/> is the class, followed by objects and bytes.</summary>
    private static IReadOnlyList<string>[] Advice(InventoryTable table, int column, decimal kept, decimal reads)
    {
        PriceBook prices = PriceBook.Read();
        return [.. table.Rows.Where(row => prices.Classes.Any(c => c.Name == row[column])).Select(row =>
        {
            string name = row[column];
            decimal objects = decimal.Parse(row[column + 1], CultureInfo.InvariantCulture);
            decimal gigabytes = decimal.Parse(row[column + 2], CultureInfo.InvariantCulture) / PriceBook.BytesPerGigabyte;
            IReadOnlyList<ClassCost> costs = Recommendation.Costs(prices, new StoredSet(row[0], name, gigabytes, objects, kept, reads));
            ClassCost now = costs.First(c => c.Class == name);
            return (IReadOnlyList<string>)
            [
                column == 0 ? "the whole bucket" : row[0], name, objects.ToString("#,0", CultureInfo.InvariantCulture), Figures.Dollars(Bill.Cents(now.Total)), costs[0].Class,
                Figures.Dollars(Bill.Cents(costs[0].Total)), Figures.Dollars(Bill.Cents(now.Total - costs[0].Total)),
            ];
        })];
    }

    private static string Html(IReadOnlyList<InventoryTable> tables, IReadOnlyList<string>[] advice, decimal kept, decimal reads)
    {
        var page = new Page("What the bucket holds, and where it would be cheaper");
        page.Heading("Cheapest class");
        page.Table($"Kept {kept} more months, {reads} whole reads of each object a month; storage, reads, moves and early deletion counted.", Head, advice);
        foreach (InventoryTable table in tables)
        {
            page.Heading(table.Name.Replace('_', ' '));
            page.Table("From Inventory/" + table.Name + ".sql", table.Head, table.Rows);
        }

        return page.Html();
    }
}
