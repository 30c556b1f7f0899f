using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;
using BlobKey = ObjectStore.Engine.Proofs.Storage.Extents.ChunkStoreRig.BlobKey;

namespace ObjectStore.Engine.Proofs.Storage.Extents;

/// <summary>Any sequence of operations, faults and crashes, with reclamation running beside them, against a dictionary of what was published.</summary>
public sealed class ChunkStoreModelTests
{
    private static readonly Gen<(int Kind, int A, int B)[]> Programs =
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20]).Array[1, 80];

    private static readonly int[] Lengths = [1, 4096, 9000, 65536, 65537, 128 * 1024];

    [Fact]
    public void Every_history_agrees_with_the_model()
    {
        Gen.Select(Gen.ULong[0, 1_000_000], Programs).Sample(
            (seed, program) =>
            {
                var disk = new SimDiskOptions { SectorSizeBytes = seed % 3 == 0 ? 512 : 4096, CapacityBytes = 64 << 20 };
                ChunkStoreRig.Run(rig => new History(rig).RunAsync(program), seed, disk: disk);
            },
            iter: 250,
            threads: 1,
            print: static input => $"seed {input.Item1}: {string.Join(' ', input.Item2)}");
    }

    private sealed class History(ChunkStoreRig rig)
    {
        private readonly List<(BlobKey Blob, int[] Lengths, List<StagedChunk> Staged)> _staged = [];
        private Task _reclaim = Task.CompletedTask;

        internal async Task RunAsync((int Kind, int A, int B)[] program)
        {
            foreach ((int kind, int a, int b) in program)
            {
                await ApplyAsync(kind, a, b);
            }

            rig.Disk.Faults.Inject = null;
            await rig.FinishAsync(_reclaim);
            await rig.ReclaimAllAsync();
            await rig.CheckAllAsync();
            await rig.CrashAsync(0);
            await rig.CheckAllAsync();
            await ScrubRoundAsync();
        }

        private async Task ApplyAsync(int kind, int a, int b)
        {
            switch (kind)
            {
                case < 30:
                    await TolerateAsync(() => rig.PutAsync(LengthsOf(a, b)));
                    break;
                case < 36:
                    await TolerateAsync(async () => _staged.Add(await rig.StageAsync(LengthsOf(a, b))));
                    break;
                case < 42 when _staged.Count > 0:
                    await EndStagedAsync(a % _staged.Count, publish: b % 3 != 0);
                    break;
                case < 58 when rig.Model.Count > 0:
                    await rig.ReleaseAsync(Pick(a), rowsMax: 1 + (b % 4));
                    break;
                case < 68 when rig.Model.Count > 0:
                    await ReadAsync(Pick(a), b);
                    break;
                case < 80:
                    if (_reclaim.IsCompleted)
                    {
                        await _reclaim;
                        _reclaim = rig.Store.Reclaimer.StepAsync().AsTask();
                    }

                    await rig.World.Clock.DelayAsync(TimeSpan.FromMicroseconds(a % 2000));
                    break;
                case < 85:
                    await rig.Store.Scrubber.StepAsync();
                    break;
                case < 90:
                    rig.Rows.Hold = a % 2 == 0;
                    rig.Rows.MakeDurable(b % 5);
                    break;
                case < 94:
                    FailNext(a % 2 == 0 ? DiskVerb.Write : DiskVerb.Sync, a % 4);
                    break;
                case < 98:
                    await CrashAsync(a % 4);
                    break;
                default:
                    await rig.CheckAllAsync();
                    break;
            }
        }

        private static int[] LengthsOf(int a, int b)
        {
            int[] lengths = new int[1 + (a % 4)];
            for (int i = 0; i < lengths.Length; i++)
            {
                lengths[i] = Lengths[(b >> (3 * i)) % Lengths.Length];
            }

            return lengths;
        }

        private static async Task TolerateAsync(Func<Task> write)
        {
            try
            {
                await write();
            }
            catch (StorageException fault) when (fault.Error is StorageError.Poisoned or StorageError.Full)
            {
                // Injected; nothing was published.
            }
        }

        private BlobKey Pick(int a)
        {
            var keys = new List<BlobKey>(rig.Model.Keys);
            return keys[a % keys.Count];
        }

        private async Task EndStagedAsync(int index, bool publish)
        {
            (BlobKey blob, int[] lengths, List<StagedChunk> staged) = _staged[index];
            _staged.RemoveAt(index);
            try
            {
                if (publish)
                {
                    await rig.Store.SyncStagedAsync(staged);
                    rig.Publish(blob, lengths, staged);
                    return;
                }
            }
            catch (StorageException fault) when (fault.Error == StorageError.Poisoned)
            {
                // Falls through: what cannot be synced is given up.
            }

            rig.Store.Abandon(staged);
        }

        private async Task ReadAsync(BlobKey blob, int b)
        {
            int[] lengths = rig.Model[blob];
            int index = b % lengths.Length;
            int from = (int)((long)b * 7919 % lengths[index]);
            await rig.CheckReadAsync(blob, index, from, from + 1 + (b % (lengths[index] - from)));
        }

        private void FailNext(DiskVerb verb, int skip)
        {
            DiskError error = verb == DiskVerb.Write ? DiskError.WriteFailed : DiskError.SyncFailed;
            bool used = false;
            rig.Disk.Faults.Inject = request =>
            {
                if (used || request.Verb != verb || skip-- > 0)
                {
                    return DiskError.None;
                }

                used = true;
                return error;
            };
        }

        private async Task CrashAsync(int survivors)
        {
            // Work of the old life that is under way, reclamation too, goes on against a disk and rows that nobody looks at any more.
            _staged.Clear();
            _reclaim = Task.CompletedTask;
            await rig.CrashAsync(survivors);
            await rig.CheckAllAsync();
        }

        private async Task ScrubRoundAsync()
        {
            while (rig.Store.Scrubber.Progress.Rounds == 0)
            {
                await rig.Store.Scrubber.StepAsync();
            }

            Assert.Empty(rig.Store.Damaged);
            Assert.Equal(0, rig.Store.Scrubber.Progress.Failures);
        }
    }
}
