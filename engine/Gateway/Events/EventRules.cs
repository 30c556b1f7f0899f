using System;
using System.Collections.Generic;
using System.Threading;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Looks up, for a command about to be proposed, whom the rules of its bucket tell of what may come of it. Any thread.</summary>
/// <remarks>Rules are those of the bucket as the request found it: events of requests under way while they change may still go by those before, though never by those of another bucket.</remarks>
public sealed class EventRules
{
    // Whoever has a bucket makes up names: the log tells of so many.
    private const int MissingNamesMax = 100;

    private readonly ParsedDocuments<NotificationConfiguration> _configurations = new(NotificationConfiguration.Parse);
    private readonly SortedDictionary<string, IEventTarget> _targets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly ITrace _trace;
    private long _unknown;

    internal EventRules(EventOptions options, ITrace trace)
    {
        _trace = trace;
        foreach (IEventTarget target in options.Targets)
        {
            if (!EventTargetName.IsValid(target.Name) || !_targets.TryAdd(target.Name, target))
            {
                throw new ArgumentException($"two targets, or none that can be, of the name {target.Name}", nameof(options));
            }
        }
    }

    /// <summary>Changes asked for since the start of the process that a rule was for, whose target this node does not have: nobody there is told, had they effect or not.</summary>
    public long UnknownTargets => Interlocked.Read(ref _unknown);

    /// <summary>Test messages under way.</summary>
    internal TestMessages Tests { get; } = new();

    /// <summary>The target of a name; null when there is none.</summary>
    internal IEventTarget? FindTarget(string name) => _targets.GetValueOrDefault(name);

    /// <summary>The draft of a request's command; null for most, which costs a look among the bucket's documents.</summary>
    internal EventDraft? DraftOf(OperationContext context, string key, params ReadOnlySpan<EventKind> kinds)
    {
        if (!context.Bucket.TryGetDocument(BucketDocuments.Notification, out ReadOnlyMemory<byte> document) || RoutesOf(document, key, kinds) is not { } routes)
        {
            return null;
        }

        (string requester, string address) = context.Service is { } service ? (service.Name, service.Name) : (context.CallerId, context.Request.PlainRemoteAddress);
        return new EventDraft(context.Bucket.Id, new EventOrigin(requester, address, context.RequestId, context.Services.HostId), routes);
    }

    /// <summary>The draft of what a lifecycle rule does.</summary>
    /// <param name="bucket">As it was when that was decided.</param>
    /// <param name="key">Of the object.</param>
    /// <param name="nextId">Makes what stands for the ids of a request.</param>
    /// <param name="kinds">What may come of it.</param>
    internal EventDraft? DraftOf(BucketRecord bucket, string key, Func<string> nextId, params ReadOnlySpan<EventKind> kinds)
    {
        return bucket.TryGetDocument(BucketDocuments.Notification, out ReadOnlyMemory<byte> document) && RoutesOf(document, key, kinds) is { } routes
            ? new EventDraft(bucket.Id, new EventOrigin(EventMessage.Store, EventMessage.Store, nextId(), nextId()), routes)
            : null;
    }

    private List<EventRoute>? RoutesOf(ReadOnlyMemory<byte> document, string key, ReadOnlySpan<EventKind> kinds)
    {
        NotificationConfiguration configuration = _configurations.Get(document);
        List<EventRoute>? routes = null;
        bool isOneMissing = false;
        foreach (EventKind kind in kinds)
        {
            foreach (EventRule rule in configuration.Rules)
            {
                if (rule.Matches(kind, key))
                {
                    isOneMissing |= !TryAdd(ref routes, new EventRoute(kind, rule.Target, rule.Id));
                }
            }

            if (configuration.ToEventBridge)
            {
                isOneMissing |= !TryAdd(ref routes, new EventRoute(kind, EventTargetName.EventBridge, ""));
            }
        }

        if (isOneMissing)
        {
            Interlocked.Increment(ref _unknown);
        }

        return routes;
    }

    private bool TryAdd(ref List<EventRoute>? routes, EventRoute route)
    {
        if (!_targets.ContainsKey(route.Target))
        {
            NoteMissing(route.Target);
            return false;
        }

        (routes ??= []).Add(route);
        return true;
    }

    private void NoteMissing(string target)
    {
        lock (_missing)
        {
            if (_missing.Count == MissingNamesMax || !_missing.Add(target))
            {
                return;
            }
        }

        _trace.Emit(TraceLevel.Warning, "events", "no-such-target", ("target", target), ("effect", "nobody there is told of the events that rules of buckets are for"));
    }
}
