using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;
using WireAnswer = ObjectStore.Workloads.Library.S3Answer;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>One attempt at one node over HTTP, with the outcome as the checker needs it: an answer, certainly not sent, or unknown.</summary>
internal sealed class HttpS3Client(HttpClient http, S3Endpoint endpoint, TimeSpan timeout) : IS3Client
{
    private readonly SigV4Signer _signer = new(endpoint.AccessKey, endpoint.SecretKey, endpoint.Region);

    /// <summary>A client for all endpoints: one pool of connections, no proxy, no redirects.</summary>
    internal static HttpClient NewHttp() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = 256,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    public async ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
    {
        S3WireRequest wire = S3Wire.Write(operation);
        var address = new Uri(endpoint.Address, wire.Path + (wire.Query.Length > 0 ? "?" + wire.Query : ""));
        using var request = new HttpRequestMessage(new HttpMethod(wire.Method), address);
        if (wire.Method is "PUT" or "POST")
        {
            request.Content = new ReadOnlyMemoryContent(wire.Body);
        }

        foreach ((string name, string value) in S3Wire.Sign(wire, _signer, endpoint.Address.Authority, DateTime.UtcNow, coverBody: false))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            byte[] body = await response.Content.ReadAsByteArrayAsync(patience.Token);
            KeyValuePair<string, string>[] headers =
                [.. response.Headers.Concat(response.Content.Headers).Select(static header => new KeyValuePair<string, string>(header.Key, string.Join(",", header.Value)))];
            return WireAnswer.Read(operation, (int)response.StatusCode, headers, body);
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            return S3Result.NotSent;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
