using System;
using System.IO;
using System.Linq;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs;

/// <summary>Goal: targets of events are as the command line says, and secrets are in files.</summary>
public sealed class EventTargetOptionTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"objectstore-event-token-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Names_addresses_and_tokens_go_together()
    {
        File.WriteAllText(_file, "secret-token\n");
        EventTargetOption[] parsed = [.. EventTargetOption.Parse(["photos=https://example.com/a?b=c", "A-b_1=http://[::1]:8080/"], [$"photos={_file}"])];
        Assert.Equal(["photos", "A-b_1"], parsed.Select(static target => target.Name));
        Assert.Equal([new Uri("https://example.com/a?b=c"), new Uri("http://[::1]:8080/")], parsed.Select(static target => target.Address));
        Assert.Equal("photos=https://example.com", parsed[0].ToString());
        Assert.Equal(["secret-token", null], parsed.Select(static target => target.Token));
        Assert.DoesNotContain("secret", parsed[0].ToString(), StringComparison.Ordinal);
        Assert.Empty(EventTargetOption.Parse([], []));
    }

    [Theory]
    [InlineData("photos")]
    [InlineData("=http://example.com")]
    [InlineData("photos=")]
    [InlineData("pho:tos=http://example.com")]
    [InlineData("photos=example.com/events")]
    [InlineData("photos=ftp://example.com/")]
    [InlineData("photos=http://user:password@example.com/")]
    [InlineData("photos=http://example.com/#part")]
    public void What_is_no_target_is_refused(string target) => Refuses(() => EventTargetOption.Parse([target], []));

    [Fact]
    public void There_are_not_too_many_and_each_has_a_name_of_its_own()
    {
        Refuses(static () => EventTargetOption.Parse(["a=http://x/", "a=http://y/"], []));
        Refuses(static () => EventTargetOption.Parse([.. Enumerable.Range(0, EventOptions.TargetsMax + 1).Select(static i => $"t{i}=http://x/")], []));
        Refuses(() => EventTargetOption.Parse(["a=http://x/"], [$"b={_file}"]));
        File.WriteAllText(_file, "token");
        Refuses(() => EventTargetOption.Parse(["a=http://x/"], [$"a={_file}", $"a={_file}"]));
    }

    [Theory]
    [InlineData("photos=http://user:password@example.com/")]
    [InlineData("http://user:password@example.com/?a=b")]
    [InlineData("http://user:password@example.com/")]
    public void What_is_refused_is_not_printed_as_it_may_hold_a_password(string target) => Assert.DoesNotContain(
        "password", Assert.Throws<CommandFailedException>(() => EventTargetOption.Parse([target], [])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://example.com/", "token", true)]
    [InlineData("http://example.com/", null, false)]
    [InlineData("https://example.com/", "token", false)]
    [InlineData("http://127.0.0.1:8000/", "token", false)]
    [InlineData("http://localhost/", "token", false)]
    public void Tokens_that_can_be_read_on_the_way_are_noticed(string address, string? token, bool open) =>
        Assert.Equal(open, new EventTargetOption("a", new Uri(address), token).SendsTokenOpenly);

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("two\nlines")]
    [InlineData("t\u00f6ken")]
    public void A_file_without_a_token_is_refused(string content)
    {
        File.WriteAllText(_file, content);
        Assert.Equal(ExitCode.Failed, Assert.Throws<CommandFailedException>(() => EventTargetOption.Parse(["a=http://x/"], [$"a={_file}"])).Code);
        Assert.Equal(ExitCode.Failed, Assert.Throws<CommandFailedException>(() => EventTargetOption.Parse(["a=http://x/"], [$"a={_file}-not-there"])).Code);
    }

    private static void Refuses(Func<object> parse) => Assert.Equal(ExitCode.Usage, Assert.Throws<CommandFailedException>(parse).Code);
}
