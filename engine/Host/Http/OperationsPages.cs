using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http.Features;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>The pages for whoever operates the server.</summary>
internal enum OperationsPage
{
    /// <summary>The process runs.</summary>
    Live,

    /// <summary>Requests are served: recovery is done and no shutdown has begun.</summary>
    Ready,

    /// <summary>Prometheus text.</summary>
    Metrics,

    /// <summary>No such page; only on an operations listener.</summary>
    Missing,
}

/// <summary>Health and metrics beside the S3 API.</summary>
/// <remarks>
/// On the S3 listener a request is for us only when it is an unsigned GET or HEAD of exactly <c>/health/live</c>, <c>/health/ready</c> or
/// <c>/metrics</c>, without a query, and not to a virtual-hosted bucket or a website. So a bucket named <c>health</c> or <c>metrics</c> works for every signed request; what
/// it loses is the anonymous reading of those paths. An operator who needs that gives the pages a listener of their own.
/// </remarks>
/// <param name="ownPorts">Ports of the operations listeners; null while the pages share the S3 listeners.</param>
/// <param name="bucketDomains">Domains whose sub-domains are buckets.</param>
/// <param name="writeMetrics">Adds all series to the page.</param>
internal sealed class OperationsPages(Func<int, bool>? ownPorts, IReadOnlyList<string> bucketDomains, Func<PrometheusText, Task> writeMetrics)
{
    private volatile bool _ready;

    /// <summary>What <c>/health/ready</c> says, as long as <see cref="CanServe"/> agrees.</summary>
    internal bool Ready
    {
        get => _ready && CanServe();
        set => _ready = value;
    }

    /// <summary>Whether the node can serve at this moment.</summary>
    internal Func<bool> CanServe { get; init; } = static () => true;

    /// <summary>True when the request is for one of the pages.</summary>
    internal bool TryFind(IFeatureCollection features, out OperationsPage page)
    {
        var request = features.Get<IHttpRequestFeature>()!;
        bool reads = request.Method is "GET" or "HEAD";
        bool found = TryName(request.RawTarget, out page) && reads;
        if (ownPorts is not null)
        {
            bool ours = ownPorts(features.Get<IHttpConnectionFeature>()!.LocalPort);
            page = found ? page : OperationsPage.Missing;
            return ours;
        }

        return found && request.Headers.Authorization.Count == 0 && !IsVirtualHosted(request.Headers.Host.ToString());
    }

    internal async ValueTask<S3Response> RenderAsync(OperationsPage page) => page switch
    {
        OperationsPage.Live => Text(HttpStatusCode.OK, "live\n"),
        OperationsPage.Ready => Ready ? Text(HttpStatusCode.OK, "ready\n") : Text(HttpStatusCode.ServiceUnavailable, "not ready\n"),
        OperationsPage.Metrics => await MetricsAsync(),
        _ => Text(HttpStatusCode.NotFound, "not found\n"),
    };

    private static bool TryName(string target, out OperationsPage page)
    {
        page = target switch
        {
            "/health/live" => OperationsPage.Live,
            "/health/ready" => OperationsPage.Ready,
            "/metrics" => OperationsPage.Metrics,
            _ => OperationsPage.Missing,
        };
        return page != OperationsPage.Missing;
    }

    private static S3Response Text(HttpStatusCode status, string text, string contentType = "text/plain; charset=utf-8")
    {
        var response = new S3Response { Status = (int)status, Body = Encoding.UTF8.GetBytes(text) };
        response.SetHeader("Content-Type", contentType);
        response.SetHeader("Cache-Control", "no-store");
        return response;
    }

    private async Task<S3Response> MetricsAsync()
    {
        var text = new PrometheusText();
        await writeMetrics(text);
        return Text(HttpStatusCode.OK, text.ToString(), PrometheusText.ContentType);
    }

    private bool IsVirtualHosted(string host)
    {
        int colon = host.LastIndexOf(':');
        ReadOnlySpan<char> name = (colon > 0 ? host.AsSpan(0, colon) : host).TrimEnd('.');
        foreach (string domain in bucketDomains)
        {
            if (name.Length > domain.Length && name.EndsWith(domain, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
