using System.Collections.Generic;

namespace ObjectStore.Sim.Mutants;

/// <summary>A bug as a change of sources.</summary>
public interface ISourceChange
{
    /// <summary>The files that it changes, relative to the root of the repository, with slashes.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>The text of a file with the change in it.</summary>
    /// <exception cref="System.IO.InvalidDataException">The change does not fit the file.</exception>
    string Apply(string file, string text);
}
