using System;
using System.Collections.Generic;
using System.Threading;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Looks up, for a command about to be proposed, whom the rules of its bucket tell of what may come of it. Any thread.</summary>
/// <remarks>Rules are those of the bucket as the request found it: events of requests under way while they change may still go by those before.</remarks>
public sealed class EventRules
{
    private readonly ParsedDocuments<NotificationConfiguration> _configurations = new(NotificationConfiguration.Parse);
    private readonly SortedDictionary<string, IEventTarget> _targets = new(StringComparer.Ordinal);
    private long _unknown;

    internal EventRules(EventOptions options)
    {
        foreach (IEventTarget target in options.Targets)
        {
            if (!EventTargetName.IsValid(target.Name) || !_targets.TryAdd(target.Name, target))
            {
                throw new ArgumentException($"two targets, or none that can be, of the name {target.Name}", nameof(options));
            }
        }
    }

    /// <summary>Events that nobody was told of since the start of the process, as this node has no target of the name that their rule says.</summary>
    public long UnknownTargets => Interlocked.Read(ref _unknown);

    /// <summary>The target of a name; null when there is none.</summary>
    internal IEventTarget? FindTarget(string name) => _targets.GetValueOrDefault(name);

    /// <summary>The draft of a request's command; null for most, which costs a look among the bucket's documents.</summary>
    internal EventDraft? DraftOf(OperationContext context, string key, params ReadOnlySpan<EventKind> kinds)
    {
        if (!context.Bucket.TryGetDocument(BucketDocuments.Notification, out ReadOnlyMemory<byte> document) || RoutesOf(document, key, kinds) is not { } routes)
        {
            return null;
        }

        return new EventDraft(new EventOrigin(context.CallerId, context.Request.PlainRemoteAddress, context.RequestId, context.Services.HostId), routes);
    }

    /// <summary>The draft of what a lifecycle rule does.</summary>
    /// <param name="bucket">As it was when that was decided.</param>
    /// <param name="key">Of the object.</param>
    /// <param name="nextId">Makes what stands for the ids of a request.</param>
    /// <param name="kinds">What may come of it.</param>
    internal EventDraft? DraftOf(BucketRecord bucket, string key, Func<string> nextId, params ReadOnlySpan<EventKind> kinds)
    {
        const string Self = "s3.amazonaws.com";
        return bucket.TryGetDocument(BucketDocuments.Notification, out ReadOnlyMemory<byte> document) && RoutesOf(document, key, kinds) is { } routes
            ? new EventDraft(new EventOrigin(Self, Self, nextId(), nextId()), routes)
            : null;
    }

    private List<EventRoute>? RoutesOf(ReadOnlyMemory<byte> document, string key, ReadOnlySpan<EventKind> kinds)
    {
        NotificationConfiguration configuration = _configurations.Get(document);
        List<EventRoute>? routes = null;
        foreach (EventKind kind in kinds)
        {
            foreach (EventRule rule in configuration.Rules)
            {
                if (rule.Matches(kind, key))
                {
                    Add(ref routes, new EventRoute(kind, rule.Target, rule.Id));
                }
            }

            if (configuration.ToEventBridge)
            {
                Add(ref routes, new EventRoute(kind, EventTargetName.EventBridge, ""));
            }
        }

        return routes;
    }

    private void Add(ref List<EventRoute>? routes, EventRoute route)
    {
        if (!_targets.ContainsKey(route.Target))
        {
            Interlocked.Increment(ref _unknown);
            return;
        }

        (routes ??= []).Add(route);
    }
}
