using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Deletes what lies on this node's disks and belongs to placement groups that are elsewhere now, and whole there. On the loop of the endpoint.</summary>
/// <remarks>
/// A group that is clean has all its shards on the disks of its slots, and everybody who may still write has the map of that. A put by a newer map, in which the disk is the group's again, makes this node take
/// that map before it looks whether the shard is there; the map is looked at in the same breath as the deletion; so what such a put has found or written is not deleted.
/// </remarks>
public sealed class StraySweeper(NodeEnvironment environment, ShardService service, IClusterMapSource maps, RepairOptions options)
    : Worker("stray-sweep", (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
{
    private readonly NodeEnvironment _environment = environment;
    private int _disk;
    private int _group;
    private long _swept;
    private long _failures;
    private long _rounds;

    /// <summary>Units: groups swept off a disk.</summary>
    public override WorkerProgress Progress => new(_swept, 0, _failures, _rounds);

    /// <summary>Looks at one group on one disk.</summary>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        List<ShardDisk> disks = [.. service.Disks];
        if (_disk >= disks.Count)
        {
            (_disk, _group) = (0, 0);
            _rounds++;
            return options.StrayInterval;
        }

        ShardDisk disk = disks[_disk];
        var rest = new ShardRange(ShardRange.OfGroup(_group).From, ShardRange.OfGroup(ClusterMap.GroupCountMax - 1).Last);
        (ShardError error, IReadOnlyList<StoredChunk> first, _) = await disk.ListAsync(rest, max: 1);
        if (error != ShardError.None || first.Count == 0)
        {
            _failures += error != ShardError.None ? 1 : 0;
            (_disk, _group) = (_disk + 1, 0);
            return TimeSpan.Zero;
        }

        int group = ClusterMap.GroupOf(first[0].Id.Blob);
        if (IsStray(disk.Id, group))
        {
            ShardError deleted = await disk.DeleteAsync([ShardRange.OfGroup(group)], () => IsStray(disk.Id, group));
            if (deleted == ShardError.None)
            {
                _swept++;
                _environment.Trace.Emit(TraceLevel.Info, "repair", "strays-swept", ("group", group), ("disk", disk.Id.Value));
            }
            else
            {
                _failures++;
            }
        }

        if (group == ClusterMap.GroupCountMax - 1)
        {
            (_disk, _group) = (_disk + 1, 0);
        }
        else
        {
            _group = group + 1;
        }

        return TimeSpan.Zero;
    }

    private bool IsStray(DiskId disk, int group)
    {
        ClusterMap map = maps.Current;
        return group < map.Groups.Length && map.Groups[group].IsClean && !map.Groups[group].Uses(disk);
    }
}
