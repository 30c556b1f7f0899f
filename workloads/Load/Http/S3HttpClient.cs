using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Http;

/// <summary>A lean S3 client for load: path style, SigV4 with unsigned payload, no retries, so that every failure is seen and counted.</summary>
internal sealed class S3HttpClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly S3Endpoint _endpoint;
    private readonly SigV4Signer _signer;

    internal S3HttpClient(S3Endpoint endpoint, TimeSpan timeout)
    {
        _endpoint = endpoint;
        _signer = new SigV4Signer(endpoint.AccessKey, endpoint.SecretKey, endpoint.Region);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 4096, AllowAutoRedirect = false }) { Timeout = timeout };
    }

    internal Task<S3Answer> CreateBucketAsync(string bucket, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, $"/{bucket}", "", null, [], cancellation);

    internal Task<S3Answer> PutAsync(
        string bucket, string key, HttpContent body, CancellationToken cancellation, params KeyValuePair<string, string>[] headers) =>
        SendAsync(HttpMethod.Put, Path(bucket, key), "", body, headers, cancellation);

    internal Task<S3Answer> GetAsync(string bucket, string key, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, Path(bucket, key), "", null, [], cancellation);

    internal Task<S3Answer> HeadAsync(string bucket, string key, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Head, Path(bucket, key), "", null, [], cancellation);

    internal Task<S3Answer> DeleteAsync(string bucket, string key, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, Path(bucket, key), "", null, [], cancellation);

    /// <summary>ListObjectsV2.</summary>
    internal Task<S3Answer> ListAsync(string bucket, string prefix, string continuation, CancellationToken cancellation)
    {
        string query = continuation.Length == 0 ? "" : $"continuation-token={Uri.EscapeDataString(continuation)}&";
        return SendAsync(HttpMethod.Get, $"/{bucket}", $"{query}list-type=2&prefix={Uri.EscapeDataString(prefix)}", null, [], cancellation);
    }

    internal Task<S3Answer> CreateUploadAsync(string bucket, string key, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, Path(bucket, key), "uploads=", null, [], cancellation);

    internal Task<S3Answer> PutPartAsync(string bucket, string key, string uploadId, int number, HttpContent body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, Path(bucket, key), $"partNumber={number}&uploadId={Uri.EscapeDataString(uploadId)}", body, [], cancellation);

    internal Task<S3Answer> CompleteUploadAsync(
        string bucket, string key, string uploadId, IReadOnlyList<string> etags, CancellationToken cancellation)
    {
        var xml = new StringBuilder("<CompleteMultipartUpload>");
        for (int part = 0; part < etags.Count; part++)
        {
            xml.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{part + 1}</PartNumber><ETag>{etags[part]}</ETag></Part>");
        }

        xml.Append("</CompleteMultipartUpload>");
        return SendAsync(
            HttpMethod.Post, Path(bucket, key), $"uploadId={Uri.EscapeDataString(uploadId)}", new StringContent(xml.ToString()), [], cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static string Path(string bucket, string key) => $"/{bucket}/{Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal)}";

    private async Task<S3Answer> SendAsync(
        HttpMethod method, string path, string query, HttpContent? body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellation)
    {
        var signed = new List<KeyValuePair<string, string>>(headers) { new("host", _endpoint.Address.Authority) };
        SignedRequest signature = _signer.Sign(new AuthRequest(method.Method, path, query, signed), DateTime.UtcNow, SigV4Signer.UnsignedPayload);
        using var request = new HttpRequestMessage(method, new Uri($"{_endpoint.Address.GetLeftPart(UriPartial.Authority)}{path}{(query.Length == 0 ? "" : "?")}{query}"));
        foreach (KeyValuePair<string, string> header in signature.Headers)
        {
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        request.Content = body;
        try
        {
            return new S3Answer(await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation), "");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException || (failure is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return new S3Answer(null, failure is TaskCanceledException ? "timeout" : failure.InnerException?.GetType().Name ?? failure.GetType().Name);
        }
    }
}
