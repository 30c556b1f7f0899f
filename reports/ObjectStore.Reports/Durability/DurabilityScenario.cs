using System.Collections.Generic;

namespace ObjectStore.Reports;

/// <summary>What `durability --scenario file.json` reads: layouts ("10+4@3": code @ zones) and the assumptions that differ from the defaults.</summary>
public sealed record DurabilityScenario
{
    public IReadOnlyList<string> Layouts { get; init; } =
        ["10+4@3", "10+4@1", "10+4@7", "9+6@3", "8+4@3", "6+6@3", "4+2@3", "17+3@1", "17+3@20", "12+4@4", "LRC(12,2,2)@4", "3x@3", "3x@1", "2x@2"];

    /// <summary>Objects of the fleet, and their mean size.</summary>
    public double FleetObjects { get; init; } = 1e9;

    public double FleetMegabytesPerObject { get; init; } = 10;

    public Assumptions Assumptions { get; init; } = new();
}
