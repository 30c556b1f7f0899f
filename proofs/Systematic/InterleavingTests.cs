using ObjectStore.Systematic.Scenarios;
using Xunit;

namespace ObjectStore.Systematic;

/// <summary>Goal: the concurrent parts hold under every interleaving that a few hundred schedules reach. Method: Coyote schedules rewritten code.</summary>
public sealed class InterleavingTests
{
    [Fact]
    public void Work_handed_to_a_loop_is_taken_once_and_in_order() => Explore.Clean(LoopScenarios.Work_is_taken_once_and_in_order, 300);

    [Fact]
    public void A_loop_that_sleeps_through_a_put_is_found() => Explore.Broken(LoopScenarios.Broken_taker_that_sleeps_through_a_put, 500, "Deadlock");

    [Fact]
    public void Whoever_enters_a_loop_has_it_alone() => Explore.Clean(LoopScenarios.Work_that_enters_has_the_loop_alone, 300);

    [Fact]
    public void A_thread_that_barges_into_a_loop_is_found() => Explore.Broken(LoopScenarios.Broken_enterer_that_barges_in, 500, "two owners");

    [Fact]
    public void Pooled_memory_has_one_user_at_a_time() => Explore.Clean(PoolScenarios.Memory_has_one_user_at_a_time, 200);

    [Fact]
    public void A_cached_chunk_stays_while_it_is_read() => Explore.Clean(CacheScenarios.A_chunk_stays_while_it_is_read, 300);

    [Fact]
    public void A_reader_that_does_not_hold_its_chunk_is_found() => Explore.Broken(CacheScenarios.Broken_reader_that_does_not_hold_its_chunk, 500, "bytes of another chunk");
}
