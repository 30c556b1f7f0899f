using System;
using System.Collections.Generic;
using System.IO;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.World;

/// <summary>One run of a scenario: a function of the choices and of nothing else.</summary>
public delegate ScenarioRun Scenario(ScenarioContext context);

/// <summary>What a scenario is given for one run.</summary>
/// <param name="Choices">Answers everything that is left open.</param>
public sealed record ScenarioContext(IChoices Choices)
{
    /// <summary>Where the whole trace goes as JSON lines; null: nowhere.</summary>
    public Stream? TraceJsonLines { get; init; }

    /// <summary>Who watches the run; null: nobody.</summary>
    public IRunObserver? Observer { get; init; }

    /// <summary>The world of the run, once there is one; strategies that learn look at it.</summary>
    public SimWorld? World { get; private set; }

    /// <summary>Makes the world, lets <paramref name="body"/> drive it, and turns what escapes from it into a broken promise.</summary>
    public ScenarioRun Execute(SimOptions options, Action<SimWorld> body)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(body);
        var world = new SimWorld(Choices, options with { TraceJsonLines = TraceJsonLines ?? options.TraceJsonLines, Observer = Observer ?? options.Observer });
        World = world;
        try
        {
            body(world);
            return ScenarioRun.Clean(world);
        }
        catch (Exception failure) when (failure is not SimMisuseException and not SimEscapeException)
        {
            return ScenarioRun.Broken(world, failure);
        }
    }
}

/// <summary>A promise did not hold. Checkers throw it.</summary>
/// <param name="promise">Short constant name of the promise, such as <c>durable</c>, <c>linearizable</c>.</param>
/// <param name="explanation">The shortest account that can be given.</param>
public sealed class PromiseBrokenException(string promise, string explanation) : Exception($"{promise}: {explanation}")
{
    /// <summary>Which promise.</summary>
    public string Promise { get; } = promise;

    /// <summary>How it was broken.</summary>
    public string Explanation { get; } = explanation;
}

/// <summary>What came of one run.</summary>
public sealed record ScenarioRun
{
    /// <summary>Equal for equal runs.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>Steps of the world.</summary>
    public required long Events { get; init; }

    /// <summary>Virtual time that passed.</summary>
    public required TimeSpan VirtualTime { get; init; }

    /// <summary>Marks reached and how often.</summary>
    public required IReadOnlyDictionary<string, long> Marks { get; init; }

    /// <summary>Faults that happened, by kind.</summary>
    public IReadOnlyDictionary<string, long> Faults { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Requests that clients made, those of the final reading apart.</summary>
    public long Requests { get; init; }

    /// <summary>The promise that was broken; null when the run is clean.</summary>
    public string? PromiseBroken { get; init; }

    /// <summary>How it was broken.</summary>
    public string? Explanation { get; init; }

    /// <summary>What happened last, oldest first; only for a broken promise.</summary>
    public IReadOnlyList<TraceEvent> LastEvents { get; init; } = [];

    /// <summary>A run without a complaint.</summary>
    public static ScenarioRun Clean(SimWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        return new ScenarioRun
        {
            TraceHash = world.Hash,
            Events = world.Steps,
            VirtualTime = world.Now,
            Marks = new SortedDictionary<string, long>(new Dictionary<string, long>(world.Log.Marks), StringComparer.Ordinal),
            Faults = new SortedDictionary<string, long>(new Dictionary<string, long>(world.Log.Faults), StringComparer.Ordinal),
            Requests = world.Log.RequestCount,
        };
    }

    /// <summary>A run that a failure ended.</summary>
    public static ScenarioRun Broken(SimWorld world, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Exception cause = failure;
        while (cause is AggregateException or InvalidOperationException && cause.InnerException is { } inner)
        {
            cause = inner;
        }

        string promise = cause switch
        {
            PromiseBrokenException broken => broken.Promise,
            InvariantViolationException => "invariant",
            SimDeadlockException or SimLimitException => "progress",
            _ => "no-unexpected-exception",
        };
        string explanation = cause is PromiseBrokenException named ? named.Explanation : cause.ToString();
        return Clean(world) with { PromiseBroken = promise, Explanation = explanation, LastEvents = world.Log.Last() };
    }
}
