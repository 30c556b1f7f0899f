namespace ObjectStore.Sim.Mutants;

/// <summary>A run that shows a bug, made small.</summary>
/// <param name="Events">Requests and faults that are left.</param>
/// <param name="EventsBefore">How many there were.</param>
/// <param name="Minimal">Whether nothing more can be taken away; else time ran out.</param>
/// <param name="WallSeconds">Real time that it took.</param>
public sealed record Counterexample(long Events, long EventsBefore, bool Minimal, double WallSeconds);
