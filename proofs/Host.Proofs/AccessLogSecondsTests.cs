using System;
using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs;

/// <summary>Goal: lines of access logs wait as long as the command line says.</summary>
public sealed class AccessLogSecondsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public void Lines_wait_as_long_as_the_option_says(int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), ServerOptions.ParseAccessLog(seconds).Interval);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void They_wait_at_least_a_second(int seconds) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandFailedException>(() => ServerOptions.ParseAccessLog(seconds)).Code);
}
