using System;
using System.Diagnostics;
using Microsoft.Coyote;
using Microsoft.Coyote.Logging;
using Microsoft.Coyote.Random;
using Microsoft.Coyote.Specifications;
using Microsoft.Coyote.SystematicTesting;

namespace ObjectStore.Sim.World;

/// <summary>Who answers, when Coyote explores.</summary>
public enum CoyoteStrategy
{
    /// <summary>Evenly.</summary>
    Random,

    /// <summary>Evenly and by priorities in turn, with other rates of change in each run.</summary>
    Portfolio,

    /// <summary>Priorities over Coyote's random numbers (<see cref="PriorityChoices"/>); its own schemes act on threads, of which there is one here.</summary>
    Pct,

    /// <summary>Learns to prefer answers that led to states not seen before.</summary>
    QLearning,
}

/// <summary>Explores with Coyote's TestingEngine as the source of every choice.</summary>
/// <remarks>
/// The world runs on the engine's test thread and nothing is rewritten; each choice is one scheduling step of Coyote's
/// (Deligiannis et al., Industrial-Strength Controlled Concurrency Testing for C# Programs with Coyote, TACAS'23).
/// </remarks>
public static class CoyoteExplorer
{
    /// <summary>Choices in one run at most; a run that asks for more is stopped as hanging.</summary>
    public const uint ChoiceCountMax = 10_000_000;

    /// <summary>Runs until the budget is used or a promise is broken.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="strategy">Who answers.</param>
    /// <param name="seed">Seed of the strategy.</param>
    /// <param name="budget">How long.</param>
    /// <param name="progress">Called after each run.</param>
    public static Exploration Explore(Scenario scenario, CoyoteStrategy strategy, uint seed, ExplorationBudget budget, Action<Exploration>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var seen = new Exploration();
        long started = Stopwatch.GetTimestamp();
        Exception? misuse = null;
        TestingEngine? engine = null;
        void RunOnce()
        {
            try
            {
                var recording = new RecordingChoices(Answering(strategy, seed, seen.Iterations));
                var context = new ScenarioContext(recording);
                if (strategy == CoyoteStrategy.QLearning)
                {
                    Specification.RegisterStateHashingFunction(() => context.World?.StateHash() ?? 0);
                }

                ScenarioRun run = scenario(context);
                seen.Add(run);
                if (run.PromiseBroken is not null)
                {
                    seen.Failure = new ExplorationFailure(run, seen.Iterations - 1, Seed: null, recording.Answers);
                }
            }
            catch (Exception failure) when (failure is SimMisuseException or SimEscapeException)
            {
                misuse = failure;
            }

            seen.WallTime = Stopwatch.GetElapsedTime(started);
            progress?.Invoke(seen);
            if (misuse is not null || seen.Failure is not null || seen.WallTime >= budget.Time)
            {
                engine!.Stop();
            }
        }

        using (engine = TestingEngine.Create(Configure(strategy, seed, budget), RunOnce))
        {
            // It writes a line for each run otherwise.
            engine.SetLogger(new MemoryLogger(VerbosityLevel.None));
            engine.Run();
        }

        if (misuse is not null)
        {
            throw misuse;
        }

        return seen.Iterations > 0 ? seen : throw new InvalidOperationException("Coyote made no run: " + engine.GetReport());
    }

    private static IChoices Answering(CoyoteStrategy strategy, uint seed, long iteration)
    {
        var choices = new CoyoteChoices(Generator.Create());
        return strategy switch
        {
            CoyoteStrategy.QLearning => new CoarseChoices(choices, ((ulong)seed << 32) ^ (ulong)iteration),
            CoyoteStrategy.Pct => new PriorityChoices(choices),
            CoyoteStrategy.Portfolio when iteration % 2 == 1 => new PriorityChoices(choices, changesPerMillion: 100 << (int)(iteration / 2 % 8)),
            _ => choices,
        };
    }

    private static Configuration Configure(CoyoteStrategy strategy, uint seed, ExplorationBudget budget)
    {
        Configuration configuration = Configuration.Create()
            .WithTestingIterations((uint)Math.Min(budget.Iterations ?? uint.MaxValue, uint.MaxValue))
            .WithMaxSchedulingSteps(ChoiceCountMax)
            .WithPotentialDeadlocksReportedAsBugs(false)
            .WithPartiallyControlledConcurrencyAllowed(true)
            .WithConsoleLoggingEnabled(false)
            .WithTelemetryEnabled(false)
            .WithRandomGeneratorSeed(seed);
        return strategy == CoyoteStrategy.QLearning ? configuration.WithQLearningStrategy() : configuration.WithRandomStrategy();
    }

    private sealed class CoyoteChoices(Generator generator) : IChoices
    {
        public int Next(int bound, string what) => bound == 1 ? 0 : generator.NextInteger(bound);
    }

    /// <summary>Asks for large numbers in a coarse part, which can be learnt, and a fine part, which only costs the learner time (it keeps a value for each answer).</summary>
    private sealed class CoarseChoices(CoyoteChoices inner, ulong seed) : IChoices
    {
        private const int LearntCountMax = 8;
        private readonly SeededChoices _fine = new(seed);

        public int Next(int bound, string what)
        {
            if (bound <= LearntCountMax)
            {
                return inner.Next(bound, what);
            }

            int part = inner.Next(LearntCountMax, what);
            int from = (int)((long)bound * part / LearntCountMax);
            int to = (int)((long)bound * (part + 1) / LearntCountMax);
            return from + _fine.Next(to - from, what);
        }
    }
}
