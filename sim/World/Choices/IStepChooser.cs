using System;

namespace ObjectStore.Sim.World;

/// <summary>Choices that want to know who could run next, not only how many.</summary>
public interface IStepChooser
{
    /// <summary>An index into <paramref name="ids"/>.</summary>
    /// <param name="ids">At least two. The number of each ready loop; -1 for an event that is due.</param>
    int NextStep(ReadOnlySpan<int> ids);
}
