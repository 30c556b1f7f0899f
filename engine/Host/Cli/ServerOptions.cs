using System;
using System.Collections.Generic;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>What <c>objectstore server</c> was told, checked.</summary>
internal sealed record ServerOptions(
    string Data,
    FrontEndOptions FrontEnd,
    string Region,
    bool SignatureVersion2,
    TraceLevel LogLevel,
    TimeSpan DrainPatience,
    long CacheBytes,
    LifecycleOptions Lifecycle,
    AccessLogOptions AccessLog,
    IReadOnlyList<EventTargetOption> EventTargets,
    TopologyOption? Cluster = null)
{
    /// <summary>Reads <c>127.0.0.1:9000</c>, <c>[::1]:9000</c>, <c>:9000</c> or <c>*:9000</c> (all addresses), <c>localhost:9000</c>.</summary>
    internal static IPEndPoint ParseAddress(string text)
    {
        string given = text.StartsWith(':') || text.StartsWith("*:", StringComparison.Ordinal) ? "[::]" + text.TrimStart('*')
            : text.StartsWith("localhost:", StringComparison.Ordinal) ? "127.0.0.1" + text["localhost".Length..]
            : text;
        bool hasPort = given.LastIndexOf(':') > given.LastIndexOf(']') && given.Contains(':', StringComparison.Ordinal);
        return hasPort && IPEndPoint.TryParse(given, out IPEndPoint? address)
            ? address
            : throw new CommandFailedException(ExitCode.Usage, $"'{text}' is not ADDRESS:PORT, such as 127.0.0.1:9000, [::1]:9000 or :9000");
    }

    /// <summary>Days of lifecycle rules of so many seconds, and looks for changed rules that go with them.</summary>
    internal static LifecycleOptions ParseLifecycleDay(int seconds)
    {
        const int LooksOfOneDay = 10;
        if (seconds < 1)
        {
            throw new CommandFailedException(ExitCode.Usage, "--lifecycle-day-seconds is at least 1");
        }

        var usual = new LifecycleOptions();
        var day = TimeSpan.FromSeconds(seconds);
        TimeSpan look = day / LooksOfOneDay;
        return usual with { Day = day, PollInterval = look < usual.PollInterval ? look : usual.PollInterval };
    }

    /// <summary>Reads names of domains whose sub-domains are websites.</summary>
    /// <param name="texts">As given.</param>
    /// <param name="apiDomain">The domain of virtual-hosted buckets, whose sub-domains are something else; empty for none.</param>
    internal static IReadOnlyList<string> ParseWebsiteDomains(IEnumerable<string> texts, string apiDomain)
    {
        var domains = new List<string>();
        foreach (string text in texts)
        {
            if (Uri.CheckHostName(text) != UriHostNameType.Dns || text.EndsWith('.') || !Ascii.IsValid(text))
            {
                throw new CommandFailedException(ExitCode.Usage, $"'{text}' is not the name of a domain, such as web.example.com");
            }

            if (text.Equals(apiDomain, StringComparison.OrdinalIgnoreCase))
            {
                throw new CommandFailedException(ExitCode.Usage, $"{text} cannot be both: --domain is for the S3 API, --website-domain for browsers");
            }

            domains.Add(text.ToLowerInvariant());
        }

        return domains;
    }

    /// <summary>Access logs that wait so many seconds for delivery.</summary>
    internal static AccessLogOptions ParseAccessLog(int seconds) => seconds >= 1
        ? new AccessLogOptions { Interval = TimeSpan.FromSeconds(seconds) }
        : throw new CommandFailedException(ExitCode.Usage, "--access-log-seconds is at least 1");

    /// <summary>Loads a certificate chain and its key from PEM files; none when both are null.</summary>
    internal static X509Certificate2Collection LoadCertificates(string? certificateFile, string? keyFile)
    {
        var chain = new X509Certificate2Collection();
        if (certificateFile is null && keyFile is null)
        {
            return chain;
        }

        if (certificateFile is null || keyFile is null)
        {
            throw new CommandFailedException(ExitCode.Usage, "--tls-cert and --tls-key go together");
        }

        try
        {
            chain.ImportFromPemFile(certificateFile);
            var leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            chain[0].Dispose();
            chain[0] = leaf;
            return chain;
        }
        catch (Exception failure) when (failure is CryptographicException or System.IO.IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot use the certificate {certificateFile} with {keyFile}: {failure.Message}");
        }
    }

    /// <summary>Reads a list of addresses.</summary>
    internal static IReadOnlyList<IPEndPoint> ParseAddresses(IEnumerable<string> texts)
    {
        var addresses = new List<IPEndPoint>();
        foreach (string text in texts)
        {
            addresses.Add(ParseAddress(text));
        }

        return addresses;
    }
}
