using System;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs;

/// <summary>Goal: short days of lifecycle rules are looked at often, and usual ones as usual.</summary>
public sealed class LifecycleDayTests
{
    [Theory]
    [InlineData(86_400, 60)]
    [InlineData(600, 60)]
    [InlineData(10, 1)]
    public void Rules_are_looked_for_ten_times_a_day_at_least(int daySeconds, int lookSeconds)
    {
        LifecycleOptions options = ServerOptions.ParseLifecycleDay(daySeconds);
        Assert.Equal((TimeSpan.FromSeconds(daySeconds), TimeSpan.FromSeconds(lookSeconds)), (options.Day, options.PollInterval));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_day_has_a_length(int seconds) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandFailedException>(() => ServerOptions.ParseLifecycleDay(seconds)).Code);
}
