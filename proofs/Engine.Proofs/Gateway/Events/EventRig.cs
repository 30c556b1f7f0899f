using System;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;

namespace ObjectStore.Engine.Proofs.Gateway.Events;

/// <summary>A gateway with three targets of events: <c>one</c>, <c>two</c> and the one that EventBridge is here.</summary>
internal sealed class EventRig
{
    internal const string Enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

    private EventRig(GatewayRig gateway) => Gateway = gateway;

    internal GatewayRig Gateway { get; }

    internal EventTargetDouble One { get; private init; } = null!;

    internal EventTargetDouble Two { get; private init; } = null!;

    internal EventTargetDouble Bridge { get; private init; } = null!;

    internal static void Run(Func<EventRig, Task> body, MetadataLimits? limits = null, int messageEventsMax = 100)
    {
        var one = new EventTargetDouble("one");
        var two = new EventTargetDouble("two");
        var bridge = new EventTargetDouble(EventTargetName.EventBridge);
        var options = new GatewayOptions
        {
            BaseDomains = [GatewayRig.Host],
            Events = new EventOptions { Targets = [one, two, bridge], MessageEventsMax = messageEventsMax },
        };
        GatewayRig.Run(gateway => body(new EventRig(gateway) { One = one, Two = two, Bridge = bridge }), options, limits);
    }

    /// <summary>A rule for a queue.</summary>
    internal static string Rule(string target, string events, string filter = "", string id = "") =>
        $"<QueueConfiguration>{(id.Length > 0 ? $"<Id>{id}</Id>" : "")}<Queue>arn:aws:sqs:us-east-1:123456789012:{target}</Queue>"
        + string.Concat(events.Split(' ').Select(static name => $"<Event>s3:{name}</Event>"))
        + (filter.Length > 0 ? $"<Filter><S3Key>{filter}</S3Key></Filter>" : "")
        + "</QueueConfiguration>";

    internal static string Filter(string name, string value) => $"<FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule>";

    internal Task<TestAnswer> ConfigureAsync(string rules, params (string Name, string Value)[] headers) =>
        Gateway.SendAsync("PUT", "/bucket?notification", $"<NotificationConfiguration>{rules}</NotificationConfiguration>", headers);

    internal async Task DoAsync(int status, string method, string target, string body = "", params (string Name, string Value)[] headers) =>
        (await Gateway.SendAsync(method, target, body, headers)).Is(status);

    /// <summary>Lets what is due be told.</summary>
    internal Task SettleAsync(int seconds = 1) => Gateway.UntilAsync(Gateway.NowUtc.AddSeconds(seconds));
}
