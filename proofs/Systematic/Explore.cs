using System;
using System.Threading.Tasks;
using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;
using Xunit;

namespace ObjectStore.Systematic;

/// <summary>Runs a scenario of rewritten code under many schedules.</summary>
internal static class Explore
{
    private const uint Seed = 20_261;

    /// <summary>No schedule breaks the scenario, and nothing leaves Coyote's control.</summary>
    internal static void Clean(Func<Task> scenario, uint schedules)
    {
        using TestingEngine engine = Run(scenario, schedules);
        Assert.True(engine.TestReport.NumOfFoundBugs == 0, string.Join('\n', engine.TestReport.BugReports));
    }

    /// <summary>Some schedule breaks the scenario in the way that is expected.</summary>
    internal static void Broken(Func<Task> scenario, uint schedules, string expected)
    {
        using TestingEngine engine = Run(scenario, schedules);
        Assert.True(engine.TestReport.NumOfFoundBugs > 0, $"not found in {schedules} schedules");
        Assert.Contains(expected, string.Join('\n', engine.TestReport.BugReports), StringComparison.Ordinal);
    }

    private static TestingEngine Run(Func<Task> scenario, uint schedules)
    {
        Configuration configuration = Configuration.Create()
            .WithTestingIterations(schedules)
            .WithRandomGeneratorSeed(Seed)
            .WithMaxSchedulingSteps(5_000)
            .WithTelemetryEnabled(false)
            .WithPartiallyControlledConcurrencyAllowed(false);
        TestingEngine engine = TestingEngine.Create(configuration, scenario);
        engine.Run();
        return engine;
    }
}
