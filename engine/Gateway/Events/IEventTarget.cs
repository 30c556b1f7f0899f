using System;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Somebody outside who is told of events: the server puts a web address behind it, tests and the simulator a list.</summary>
public interface IEventTarget
{
    /// <summary>1 to <see cref="EventTargetName.CharactersMax"/> letters, digits, hyphens and underscores; the last part of ARNs of notification configurations.</summary>
    string Name { get; }

    /// <summary>Tells. Ends within a time of the target's own, whatever becomes of it. Any thread; several at once.</summary>
    /// <param name="message">A JSON document; it stays as it is until the task ends.</param>
    /// <param name="cancellation">The node stops.</param>
    /// <returns>Null: the target has it, and answers for it from now on. Else why not, for people: it may have it nevertheless, and is told again.</returns>
    Task<string?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation);
}

/// <summary>Names of targets.</summary>
public static class EventTargetName
{
    /// <summary>Longest name.</summary>
    public const int CharactersMax = 64;

    /// <summary>The target that EventBridge configurations of buckets mean. It is told in another form, so no ARN means it.</summary>
    public const string EventBridge = "eventbridge";

    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether a target may be called so.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) => name.Length is >= 1 and <= CharactersMax && name.IndexOfAnyExcept(Allowed) < 0;
}
