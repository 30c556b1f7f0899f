using System;
using System.CommandLine;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary><c>objectstore server</c>: its options and its help.</summary>
internal static class ServerCommand
{
    private const string About = """
        An acknowledged write is durable: it survives kill -9 and power loss. One server at a time may use a data folder.
        On SIGTERM the server takes no new requests, finishes those in flight (see --drain-seconds) and exits with 0.

        Root credentials come from the environment variables OBJECTSTORE_ACCESS_KEY and OBJECTSTORE_SECRET_KEY; without them
        they are made at the first start, kept in DIR/root.json (mode 0600) and printed that once.

        DIR/master.key (mode 0600, made at the first start) is the secret of server-side encryption. Keep a copy apart from the
        data: objects stored with SSE-S3 or SSE-KMS cannot be read without it.

        Health and metrics are unsigned GETs on the same address: /health/live, /health/ready, /metrics (Prometheus). A bucket
        named 'health' or 'metrics' works for signed requests; to read it anonymously at those paths move the pages with --ops-listen.

        --cache keeps the chunks of objects in memory that are read whole a second time, or a first time soon after they were
        written (encrypted ones encrypted). It comes on top of what the server needs otherwise, and is taken as it fills.

        With --website-domain web.example.com, browsers see the bucket photos as a website at photos.web.example.com once it has a website
        configuration (s3 website, PutBucketWebsite) and its objects may be read by everybody. Let all sub-domains of the name resolve
        to this server. Only GET and HEAD work there, and signatures are not looked at.

        Access logs of buckets (put-bucket-logging) are delivered every few minutes (--access-log-seconds) and on SIGTERM; a kill -9
        or a power loss loses what was not delivered. The target bucket has to let them in: its policy allows the principal
        {"Service": "logging.s3.amazonaws.com"} s3:PutObject, or its ACL has the grants of 'log-delivery-write'.

        --event-target photos=https://example.com/events makes a target that buckets can tell of their events
        (put-bucket-notification-configuration): its ARN is arn:aws:sns:REGION:000000000000:photos, sqs in place of sns, or
        arn:aws:lambda:REGION:000000000000:function:photos, all with the same effect. Messages are posted as JSON in the form of S3, again and
        again until an answer of 200 to 299 comes, after a crash too: each event at least once. All owners of buckets may name all targets.
        The target 'eventbridge' gets what buckets send to EventBridge. While more than 100000 events wait for a target (of each shard),
        its oldest are dropped. In a region all nodes have the same targets: restart them all with a new one before a bucket names it.
        What waits belongs to the name of a target: when that gets another address, it goes there.

        Logs are JSON lines on standard error. The first line on standard output says where the server listens.

        With --topology and --node the server is one node of a region. All nodes have the same topology file, and data folders that
        'objectstore cluster init' prepared: nodes talk to each other over TLS with certificates of the region's own authority. The
        data folder, region and S3 address come from the topology; --data and --listen replace them. /health/ready is true once the
        node found its cluster and can serve. On SIGTERM it first lets other nodes lead what it leads.

        Examples:
          objectstore server --topology region.json --node a1
          objectstore server --data /var/lib/objectstore --listen 127.0.0.1:9000
          objectstore server --data ./data --listen :443 --tls-cert chain.pem --tls-key key.pem --domain s3.example.com
        """;

    private const string DefaultAddress = "127.0.0.1:9000";

    internal static Command Build()
    {
        var data = new Option<string>("--data", "-d") { Description = "The data folder; made when missing.", HelpName = "DIR" };
        var topology = new Option<string>("--topology") { Description = "The topology file of a region that this server is a node of.", HelpName = "FILE" };
        var node = new Option<string>("--node") { Description = "Which node of the topology.", HelpName = "NAME" };
        var insecure = new Option<bool>("--insecure-cluster") { Description = "Nodes talk in cleartext and prove nothing; on loopback addresses only, for tests." };
        var listen = new Option<string[]>("--listen", "-l")
        {
            Description = "Address of the S3 API; may be repeated. Port 0 takes a free one. Left out: 127.0.0.1:9000, or the topology's.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = static _ => [],
        };
        var operations = new Option<string[]>("--ops-listen")
        {
            Description = "Serve health and metrics here (plain HTTP) and no longer on the S3 address; may be repeated.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = static _ => [],
        };
        var certificate = new Option<string>("--tls-cert") { Description = "PEM file of the certificate, then its chain. HTTP/2 comes with it.", HelpName = "FILE" };
        var key = new Option<string>("--tls-key") { Description = "PEM file of the private key.", HelpName = "FILE" };
        var region = new Option<string>("--region")
        {
            Description = "The region that signatures and bucket locations name. Left out: us-east-1, or the topology's.",
            HelpName = "NAME",
        };
        var domain = new Option<string>("--domain")
        {
            Description = "Domain for virtual-hosted buckets: with s3.example.com, a request to photos.s3.example.com means the bucket photos.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => "",
        };
        Option<string[]> websiteDomain = WebsiteDomainOption();
        var noVersion2 = new Option<bool>("--no-signature-v2")
        {
            Description = "Refuse requests and presigned URLs of Signature Version 2, which botocore still makes by default.",
        };
        var level = new Option<string>("--log-level")
        {
            Description = "Least important events to log.",
            DefaultValueFactory = static _ => "info",
        };
        level.AcceptOnlyFromAmong("debug", "info", "warning", "error");
        var drain = new Option<int>("--drain-seconds")
        {
            Description = "How long requests in flight may take to finish after SIGTERM; then they are cut off.",
            HelpName = "N",
            DefaultValueFactory = static _ => 30,
        };
        var cache = new Option<string>("--cache")
        {
            Description = "Memory for objects that are read again and again, such as 512MiB; 0 is none. Left out: an eighth of the memory that the process may use, at most 1GiB. A node that stands alone keeps rows in a quarter as much besides, at least 64MiB.",
            HelpName = "SIZE",
        };
        Option<int> lifecycleDay = LifecycleDaySeconds();
        Option<int> accessLog = AccessLogSeconds();
        Option<string[]> eventTarget = EventTargetsOption();
        Option<string[]> eventToken = EventTokensOption();
        var command = new DetailedCommand("server", "Serve the S3 API from a data folder until SIGTERM or SIGINT.", About)
        {
            data, topology, node, insecure, listen, operations, certificate, key, region, domain, websiteDomain, noVersion2, level, drain, cache, lifecycleDay, accessLog,
            eventTarget, eventToken,
        };
        command.SetAction(parsed =>
        {
            TopologyOption? cluster = FindCluster(parsed.GetValue(topology), parsed.GetValue(node), parsed.GetValue(insecure));
            string[] addresses = parsed.GetRequiredValue(listen);
            return Server.RunAsync(new ServerOptions(
                parsed.GetValue(data) ?? cluster?.Node.Data ?? throw new CommandFailedException(ExitCode.Usage, "say where the data is: --data DIR"),
                new FrontEndOptions
                {
                    Listen = addresses.Length == 0 && cluster is not null
                        ? [TopologyOption.Listen(cluster.Node.S3)]
                        : ServerOptions.ParseAddresses(addresses.Length == 0 ? [DefaultAddress] : addresses),
                    OperationsListen = ServerOptions.ParseAddresses(parsed.GetRequiredValue(operations)),
                    Certificates = ServerOptions.LoadCertificates(parsed.GetValue(certificate), parsed.GetValue(key)),
                    Domain = parsed.GetRequiredValue(domain),
                    WebsiteDomains = ServerOptions.ParseWebsiteDomains(parsed.GetRequiredValue(websiteDomain), parsed.GetRequiredValue(domain)),
                },
                FindRegion(parsed.GetValue(region), cluster),
                !parsed.GetValue(noVersion2),
                Enum.Parse<TraceLevel>(parsed.GetRequiredValue(level), ignoreCase: true),
                TimeSpan.FromSeconds(Math.Max(0, parsed.GetRequiredValue(drain))),
                FindCache(parsed.GetValue(cache)),
                ServerOptions.ParseLifecycleDay(parsed.GetRequiredValue(lifecycleDay)),
                ServerOptions.ParseAccessLog(parsed.GetRequiredValue(accessLog)),
                EventTargetOption.Parse(parsed.GetRequiredValue(eventTarget), parsed.GetRequiredValue(eventToken)),
                cluster));
        });
        return command;
    }

    private static Option<string[]> WebsiteDomainOption() => new("--website-domain")
    {
        Description = "Domain whose sub-domains are buckets as websites; may be repeated. Not the one of --domain, whose sub-domains are the S3 API.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => [],
    };

    private static Option<string[]> EventTargetsOption() => new("--event-target")
    {
        Description = "Somebody whom buckets may tell of their events (put-bucket-notification-configuration), and where messages are posted to, by http or https; may be repeated.",
        HelpName = "NAME=URL",
        DefaultValueFactory = static _ => [],
    };

    private static Option<string[]> EventTokensOption() => new("--event-token")
    {
        Description = "File with the bearer token that messages to a target carry; may be repeated.",
        HelpName = "NAME=FILE",
        DefaultValueFactory = static _ => [],
    };

    private static Option<int> LifecycleDaySeconds() => new("--lifecycle-day-seconds")
    {
        Description = "Length of the days that lifecycle rules count, in seconds, to try rules out: with 10, what expires after 30 days goes after 5 minutes. The same on all nodes of a region. Dates in rules stay what they are.",
        HelpName = "N",
        DefaultValueFactory = static _ => 24 * 60 * 60,
    };

    private static Option<int> AccessLogSeconds() => new("--access-log-seconds")
    {
        Description = "How long lines of access logs (put-bucket-logging) wait in memory before they are delivered to their target bucket; a MiB of one bucket goes at once.",
        HelpName = "N",
        DefaultValueFactory = static _ => (int)new AccessLogOptions().Interval.TotalSeconds,
    };

    private static TopologyOption? FindCluster(string? topology, string? node, bool insecure) => (topology, node) switch
    {
        (null, null) => insecure ? throw new CommandFailedException(ExitCode.Usage, "--insecure-cluster goes with --topology and --node") : null,
        ({ } file, { } name) => TopologyOption.Load(file, name, insecure),
        _ => throw new CommandFailedException(ExitCode.Usage, "--topology and --node go together"),
    };

    private static long FindCache(string? given) =>
        given is null ? MemorySize.DefaultCacheBytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) : MemorySize.Parse("--cache", given);

    private static string FindRegion(string? given, TopologyOption? cluster) => (given, cluster?.Topology.Region) switch
    {
        (null, null) => "us-east-1",
        ({ } alone, null) => alone,
        ({ } name, { } ofTopology) when name != ofTopology =>
            throw new CommandFailedException(ExitCode.Usage, $"--region says {name}, the topology says {ofTopology}"),
        (_, { } ofTopology) => ofTopology,
    };
}
