using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>One change of names that is not yet durable.</summary>
/// <param name="Sequence">Its place among all changes of the disk.</param>
/// <param name="Removed">The name that goes, or null.</param>
/// <param name="Added">The name that comes or is replaced, or null.</param>
/// <param name="Inode">What the added name, or the removed one, stands for.</param>
internal readonly record struct DirectoryChange(long Sequence, string? Removed, string? Added, SimInode Inode)
{
    internal void ApplyTo(SortedDictionary<string, SimInode> names)
    {
        if (Removed is not null && names.TryGetValue(Removed, out SimInode? had) && ReferenceEquals(had, Inode))
        {
            names.Remove(Removed);
        }

        if (Added is not null)
        {
            names[Added] = Inode;
        }
    }
}
