using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;

namespace ObjectStore.Engine.Proofs.Doubles;

/// <summary>A target of events that keeps what it is told, or refuses it.</summary>
internal sealed class EventTargetDouble(string name) : IEventTarget
{
    private int _atOnce;

    public string Name => name;

    /// <summary>Why messages are refused; null: they are taken.</summary>
    internal string? Failure { get; set; }

    /// <summary>Answers in place of <see cref="Failure"/>, when set.</summary>
    internal Func<JsonElement, string?>? Judge { get; set; }

    /// <summary>How long it takes to answer; null: no time.</summary>
    internal Func<Task>? Thinking { get; set; }

    /// <summary>Most messages that were there at the same time.</summary>
    internal int AtOnceMax { get; private set; }

    /// <summary>What was taken.</summary>
    internal List<JsonElement> Taken { get; } = [];

    /// <summary>Messages that came, refused ones too.</summary>
    internal int Attempts { get; private set; }

    /// <summary>The records of all messages taken, in order.</summary>
    internal List<JsonElement> Heard => [.. Taken.Where(static message => message.TryGetProperty("Records", out _)).SelectMany(static message => message.GetProperty("Records").EnumerateArray())];

    /// <summary>Names and keys of <see cref="Heard"/>.</summary>
    internal string[] Told => [.. Heard.Select(static record => $"{record.GetProperty("eventName").GetString()} {KeyOf(record)}")];

    internal static string KeyOf(JsonElement record) => record.GetProperty("s3").GetProperty("object").GetProperty("key").GetString()!;

    internal static string SequencerOf(JsonElement record) => record.GetProperty("s3").GetProperty("object").GetProperty("sequencer").GetString()!;

    public async Task<string?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        Attempts++;
        AtOnceMax = int.Max(AtOnceMax, ++_atOnce);
        await (Thinking?.Invoke() ?? Task.CompletedTask);
        _atOnce--;
        using var document = JsonDocument.Parse(message);
        JsonElement root = document.RootElement.Clone();
        string? failure = Judge is null ? Failure : Judge(root);
        if (failure is null)
        {
            Taken.Add(root);
        }

        return failure;
    }
}
