using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Sim.Checking;
using Xunit;
using Entry = ObjectStore.Sim.Checking.HistoryEntry<ObjectStore.Sim.Checking.S3Operation, ObjectStore.Sim.Checking.S3Result>;

namespace ObjectStore.Sim.Proofs.Checking;

/// <summary>Goal: the search is neither too strict nor too lax. Method: right histories, and the same with one answer changed, against trying every order.</summary>
public sealed class CheckerAgainstBruteForceTests
{
    [Theory]
    [InlineData(S3Versioning.Off)]
    [InlineData(S3Versioning.Enabled)]
    [InlineData(S3Versioning.Suspended)]
    public void Histories_of_a_right_server_are_accepted(S3Versioning versioning)
    {
        var slow = new List<string>();
        for (int seed = 0; seed < 300; seed++)
        {
            History<S3Operation, S3Result> history = RandomHistories.Generate(seed, 60, clients: 5, keys: 3, versioning, unknownPercent: 10, wide: seed % 2 == 0);
            LinearizabilityReport<S3Operation, S3Result> report =
                LinearizabilityChecker.Check(Story.Model(versioning, S3HistoryParts.ToldIds(history.Entries)), S3HistoryParts.Prepare(history.Entries));
            Assert.True(report.Verdict == Verdict.Linearizable, $"seed {seed}: {report.Verdict} {report.Explain()}");
            if (report.Steps > 5_000_000)
            {
                slow.Add($"seed {seed} took {report.Steps} steps");
            }
        }

        Assert.Empty(slow);
    }

    [Fact]
    public void A_changed_answer_is_judged_as_brute_force_judges_it()
    {
        int refused = 0;
        for (int seed = 0; seed < 1500; seed++)
        {
            History<S3Operation, S3Result> history =
                RandomHistories.Generate(seed, 7, clients: 4, keys: 2, S3Versioning.Off, unknownPercent: 15, wide: seed % 3 == 0);
            Change(new Random(seed), history);
            S3Model model = Story.Model(S3Versioning.Off);
            IReadOnlyList<Entry> entries = S3HistoryParts.Prepare(history.Entries);
            bool expected = AnyOrderExplains(model, entries, new bool[entries.Count], model.Initial);
            LinearizabilityReport<S3Operation, S3Result> report = LinearizabilityChecker.Check(model, entries);
            Assert.True(
                report.Verdict == (expected ? Verdict.Linearizable : Verdict.Broken),
                $"seed {seed}: brute force says {expected}\n{report.Explain()}\n{string.Join('\n', entries)}");
            refused += expected ? 0 : 1;
        }

        Assert.InRange(refused, 200, 1400);
    }

    /// <summary>Gives one read the answer of another, or lets a refused write succeed, or the other way round.</summary>
    private static void Change(Random random, History<S3Operation, S3Result> history)
    {
        Entry[] answered = [.. history.Entries.Where(entry => entry.Result is not null)];
        if (answered.Length == 0)
        {
            return;
        }

        Entry victim = answered[random.Next(answered.Length)];
        Entry[] same = [.. answered.Where(entry => entry.Operation.Verb == victim.Operation.Verb)];
        victim.Result = victim.Operation.Verb == S3Verb.Put
            ? victim.Result!.Ok ? Story.Refused() : new S3Result { ETag = victim.Operation.Content!.Value.Md5 }
            : same[random.Next(same.Length)].Result;
    }

    private static bool AnyOrderExplains(S3Model model, IReadOnlyList<Entry> entries, bool[] placed, S3State state)
    {
        long firstReturn = long.MaxValue;
        for (int index = 0; index < entries.Count; index++)
        {
            firstReturn = placed[index] || entries[index].Result is null ? firstReturn : Math.Min(firstReturn, entries[index].Return);
        }

        if (firstReturn == long.MaxValue)
        {
            return true;
        }

        for (int index = 0; index < entries.Count; index++)
        {
            if (placed[index] || entries[index].Call > firstReturn || !model.TryStep(state, entries[index].Operation, entries[index].Result, out S3State next))
            {
                continue;
            }

            placed[index] = true;
            bool explained = AnyOrderExplains(model, entries, placed, next);
            placed[index] = false;
            if (explained)
            {
                return true;
            }
        }

        return false;
    }
}
