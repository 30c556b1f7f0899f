using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: the store is a sorted dictionary that crashes cannot hurt. Method: random work and crashes on a simulated disk, held to a model.</summary>
public sealed class OrderedStoreModelTests
{
    [Fact]
    public void What_was_applied_is_found_again_after_a_clean_close() => ForSeeds(1, 6, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(120);
            await life.SettleAsync();
            await life.Store!.CloseAsync();
            await life.RecoverAsync();
            Assert.Equal(life.Model.LastSequence, life.Store!.AppliedSequence);
        });
    });

    [Fact]
    public void After_a_crash_at_any_step_nothing_acknowledged_is_lost_and_the_rest_is_a_prefix() => ForSeeds(100, 60, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(() => life.OpenAsync());
        for (int crash = 0; crash < 4; crash++)
        {
            Task work = Task.CompletedTask;
            life.World.TestLoop.Post(_ => work = life.WorkAsync(1000), null);
            life.World.RunUntil(() => !work.IsCompleted);
            life.World.RunUntil(() => work.IsFaulted, stepLimit: 10 + life.Choices.Next(3000, "crash-at"));
            Assert.False(work.IsFaulted, work.Exception?.ToString());
            life.Stop();
            life.Disk = life.Disk.Crash(life.Choices);
            life.World.Run(() => life.RecoverAsync());
        }
    });

    [Fact]
    public void A_crash_while_opening_or_formatting_leaves_an_openable_store() => ForSeeds(1000, 60, static seed =>
    {
        var life = new StoreLife(seed);
        bool isOpen = false;
        for (int attempt = 0; attempt < 12 && !isOpen; attempt++)
        {
            Task? opening = null;
            life.World.TestLoop.Post(_ => opening = life.OpenAsync(), null);
            life.World.RunUntil(() => opening is not null);
            isOpen = life.World.RunUntil(() => opening!.IsCompleted, stepLimit: life.Choices.Next(100, "crash-at"));
            Assert.False(opening!.IsFaulted, opening.Exception?.ToString());
            life.Disk = life.Disk.Crash(life.Choices);
        }

        life.World.Run(async () =>
        {
            await life.RecoverAsync();
            await life.WorkAsync(10);
            await life.SettleAsync();
        });
    });

    internal static void ForSeeds(ulong first, int count, Action<ulong> body)
    {
        for (ulong seed = first; seed < first + (ulong)count; seed++)
        {
            try
            {
                body(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }
        }
    }
}
