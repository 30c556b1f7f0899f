using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Somebody outside who is told of the events of the clients' bucket, does not always listen, and knows in the end whether all was told and nothing was made up.</summary>
/// <remarks>
/// The bucket has versioning, and no version of it is ever deleted: so each write that took effect, acknowledged or not, has left a version or a delete marker, and these are what must have been told of, each at least once, and
/// nothing else. That holds for what was told before a loss of power too: it can only have been durable.
/// </remarks>
internal sealed class EventWitness(SimWorld world) : IEventTarget
{
    private const string Bucket = "bucket";
    private const string Document =
        "<NotificationConfiguration><QueueConfiguration><Id>all</Id><Queue>arn:aws:sqs:us-east-1:1:witness</Queue><Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event>"
        + "</QueueConfiguration></NotificationConfiguration>";

    /// <summary>Of eight answers these two are no consent.</summary>
    private const int RefusalOfEight = 6;
    private const int LostConsentOfEight = 7;
    private const int EntriesMax = 1000;
    private const int WaitsMax = 600;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    private readonly SortedDictionary<string, SortedSet<string>> _sequencers = new(StringComparer.Ordinal);
    private bool _listens;

    /// <inheritdoc/>
    public string Name => "witness";

    /// <summary>Settings of nodes that tell it.</summary>
    internal EventOptions Options => new()
    {
        Targets = [this],
        MessageEventsMax = 3,
        RetryDelayMin = TimeSpan.FromMilliseconds(2),
        RetryDelayMax = TimeSpan.FromMilliseconds(50),
    };

    /// <inheritdoc/>
    public Task<string?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        int answer = _listens ? 0 : world.Choices.Next(8, "events.answer");
        if (answer == RefusalOfEight)
        {
            return Task.FromResult<string?>("does not listen");
        }

        using var document = JsonDocument.Parse(message);
        foreach (JsonElement record in document.RootElement.GetProperty("Records").EnumerateArray())
        {
            Take(record.GetProperty("s3").GetProperty("object"));
        }

        return Task.FromResult(answer == LostConsentOfEight ? "the answer was lost" : null);
    }

    /// <summary>Has the bucket tell it.</summary>
    /// <param name="store">Has metadata do something.</param>
    internal async Task ConfigureAsync(Func<Func<IMetadataShard, Task<CommandResult>>, Task<CommandResult>> store)
    {
        var command = new SetBucketDocumentCommand(Bucket, "notification", Encoding.UTF8.GetBytes(Document)) { NowUtc = world.Clock.UtcNow };
        CommandResult result = await store(metadata => metadata.ExecuteAsync(command));
        if (result.Error != MetadataError.None)
        {
            throw new PromiseBrokenException("serves", $"a configuration of events was answered with {result.Error}");
        }
    }

    /// <summary>All troubles are over: waits until all is told and nothing waits any more, and compares.</summary>
    /// <param name="ask">Asks metadata for a page of versions.</param>
    /// <param name="countWaiting">Counts the events that the store has yet to tell.</param>
    internal async Task CheckAsync(Func<ListVersionsQuery, Task<QueryResult>> ask, Func<long> countWaiting)
    {
        _listens = true;
        string? wrong = null;
        for (int wait = 0; wait < WaitsMax; wait++)
        {
            await world.Clock.DelayAsync(Wait);
            wrong = Compare(await ListAsync(ask)) ?? (countWaiting() is > 0 and var waiting ? $"all is told, and {waiting} events wait nevertheless" : null);
            if (wrong is null)
            {
                world.Trace.Mark("events-told");
                return;
            }
        }

        throw new PromiseBrokenException("events", wrong!);
    }

    private static async Task<List<ObjectRecord>> ListAsync(Func<ListVersionsQuery, Task<QueryResult>> ask)
    {
        var all = new List<ObjectRecord>();
        var query = new ListVersionsQuery(Bucket, "", "", "", null, EntriesMax);
        QueryResult page;
        do
        {
            page = await ask(query);
            all.AddRange(page.Versions.Select(static version => version.Object));
            query = query with { KeyMarker = page.NextMarker, VersionMarker = page.NextVersionMarker };
        }
        while (page.IsTruncated);

        return all;
    }

    private static string NameOf(string key, string versionId) => $"{key}@{versionId}";

    private void Take(JsonElement told)
    {
        string key = Uri.UnescapeDataString(told.GetProperty("key").GetString()!.Replace('+', ' '));
        string name = NameOf(key, told.GetProperty("versionId").GetString()!);
        if (!_sequencers.TryGetValue(name, out SortedSet<string>? sequencers))
        {
            _sequencers.Add(name, sequencers = new SortedSet<string>(StringComparer.Ordinal));
        }
        else
        {
            world.Trace.Mark("event-told-again");
        }

        sequencers.Add(told.GetProperty("sequencer").GetString()!);
    }

    private string? Compare(List<ObjectRecord> versions)
    {
        var untold = new List<string>();
        var invented = new SortedSet<string>(_sequencers.Keys, StringComparer.Ordinal);
        var newer = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (ObjectRecord version in versions)
        {
            string name = NameOf(version.Key, version.Version.Value.ToString("x16", CultureInfo.InvariantCulture));
            invented.Remove(name);
            if (!_sequencers.TryGetValue(name, out SortedSet<string>? sequencers))
            {
                untold.Add(name);
                continue;
            }

            if (sequencers.Count > 1)
            {
                return $"{name} was told as {string.Join(" and ", sequencers)}";
            }

            // Versions of a key are listed from the newest on.
            if (newer.TryGetValue(version.Key, out string? above) && StringComparer.Ordinal.Compare(sequencers.Min, above) >= 0)
            {
                return $"{name} has the sequencer {sequencers.Min}, and a newer version of the key has {above}";
            }

            newer[version.Key] = sequencers.Min!;
        }

        return invented.Count > 0 ? $"told of what is not there: {string.Join(", ", invented)}"
            : untold.Count > 0 ? $"never told of {string.Join(", ", untold)}"
            : null;
    }
}
