using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs;

/// <summary>Goal: a domain of websites is the name of a domain, and not the one of the API.</summary>
public sealed class WebsiteDomainTests
{
    [Fact]
    public void There_may_be_several_in_lower_case() =>
        Assert.Equal(["web.example.com", "localhost"], ServerOptions.ParseWebsiteDomains(["Web.example.COM", "localhost"], "s3.example.com"));

    [Fact]
    public void There_need_be_none() => Assert.Empty(ServerOptions.ParseWebsiteDomains([], ""));

    [Theory]
    [InlineData("")]
    [InlineData(".web.test")]
    [InlineData("web.test.")]
    [InlineData("web.test:9000")]
    [InlineData("http://web.test")]
    [InlineData("*.web.test")]
    [InlineData("127.0.0.1")]
    [InlineData("wéb.test")]
    [InlineData("S3.example.com")]
    public void What_is_no_name_or_the_name_of_something_else_is_refused(string text) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandFailedException>(() => ServerOptions.ParseWebsiteDomains([text], "s3.example.com")).Code);
}
