using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Net.Security;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.AccessLogging;

/// <summary>A bucket that is logged into another one, and lines as programs read them.</summary>
internal static class LogReader
{
    internal const string Target = "logs";

    /// <summary>Fields of a line as a program splits them: by blanks, but for those in quotes or brackets.</summary>
    internal static readonly Regex Field = new(@"\[[^\]]*\]|""[^""]*""|[^ ""\[\]]+", RegexOptions.CultureInvariant);

    /// <summary>Makes the target bucket; a policy lets logs in.</summary>
    internal static async Task MakeTargetAsync(GatewayRig rig, string prefix = "", string statement = "")
    {
        (await rig.SendAsync("PUT", $"/{Target}")).Is(200);
        (await rig.SendAsync("PUT", $"/{Target}?policy", PolicyFor(prefix, statement))).Is(204);
    }

    internal static string PolicyFor(string prefix = "", string more = "") =>
        $$"""
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject",
        "Resource":"arn:aws:s3:::{{Target}}/{{prefix}}*"{{more}}}]}
        """;

    internal static string Document(string more = "", string prefix = "", string target = Target) =>
        $"<BucketLoggingStatus><LoggingEnabled><TargetBucket>{target}</TargetBucket><TargetPrefix>{prefix}</TargetPrefix>{more}</LoggingEnabled></BucketLoggingStatus>";

    /// <summary>Logs <c>bucket</c> from now on, into a bucket that lets logs in.</summary>
    internal static async Task EnableAsync(GatewayRig rig, string more = "", string prefix = "")
    {
        await MakeTargetAsync(rig);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(more, prefix))).Is(200);
    }

    /// <summary>Lets the interval pass and delivers what is due.</summary>
    internal static async Task DeliverAsync(GatewayRig rig)
    {
        await rig.Environment.Clock.DelayAsync(new AccessLogOptions().Interval);
        await StepAsync(rig);
    }

    /// <summary>Steps until there is nothing to do now.</summary>
    internal static async Task StepAsync(GatewayRig rig)
    {
        // Lines on their way to the loop arrive.
        await rig.Environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
        AccessLogWorker worker = rig.Gateway.AccessLogs!;
        AccessLogCounts before;
        do
        {
            before = worker.Counts;
        }
        while (await worker.StepAsync() == TimeSpan.Zero || worker.Counts != before);
    }

    /// <summary>All objects of the target, and their lines.</summary>
    internal static async Task<List<(string Key, string[] Lines)>> ReadAsync(GatewayRig rig, string target = Target)
    {
        var found = new List<(string Key, string[] Lines)>();
        foreach (string key in (await rig.SendAsync("GET", $"/{target}")).All("Key"))
        {
            string text = (await rig.SendAsync("GET", $"/{target}/{Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal)}")).Text;
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            found.Add((key, text[..^1].Split('\n')));
        }

        return found;
    }

    /// <summary>Delivers, and gives the fields of all lines in the order in which they were made.</summary>
    internal static async Task<List<string[]>> TakeAsync(GatewayRig rig)
    {
        await DeliverAsync(rig);
        return [.. (await ReadAsync(rig)).SelectMany(static file => file.Lines).Select(Split)];
    }

    internal static string[] Split(string line)
    {
        string[] fields = [.. Field.Matches(line).Select(static match => match.Value)];
        Assert.Equal(line, string.Join(' ', fields));
        Assert.Equal(27, fields.Length);
        return fields;
    }

    /// <summary>The same request from somewhere, over TLS.</summary>
    internal static S3Request From(S3Request request, string address, string protocol = "HTTP/1.1", TlsCipherSuite? suite = null, PipeReader? body = null) => new()
    {
        Method = request.Method,
        RawPath = request.RawPath,
        RawQuery = request.RawQuery,
        Headers = request.Headers,
        Body = body ?? request.Body,
        ContentLength = request.ContentLength,
        RemoteAddress = address,
        Protocol = protocol,
        IsSecure = suite is not null,
        TlsProtocol = suite is null ? SslProtocols.None : SslProtocols.Tls12,
        CipherSuite = suite,
    };
}
