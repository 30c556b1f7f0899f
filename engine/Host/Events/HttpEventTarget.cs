using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;

namespace ObjectStore.Engine.Host;

/// <summary>A target of events over HTTP: messages are posted to one address. An answer of 200 to 299 says that it has the message; redirects are not followed.</summary>
internal sealed class HttpEventTarget : IEventTarget, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(2);

    private readonly HttpClient _client;
    private readonly EventTargetOption _option;

    internal HttpEventTarget(EventTargetOption option)
    {
        _option = option;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,

            // The operator said the address; the environment of the process does not send tokens elsewhere.
            UseProxy = false,
            ConnectTimeout = Patience / 2,

            // Names are looked up again.
            PooledConnectionLifetime = ConnectionLife,
        };
        _client = new HttpClient(handler) { Timeout = Patience };
    }

    /// <inheritdoc/>
    public string Name => _option.Name;

    /// <inheritdoc/>
    public async Task<string?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _option.Address) { Content = new ReadOnlyMemoryContent(message) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Authorization = _option.Token is null ? null : new AuthenticationHeaderValue("Bearer", _option.Token);
            using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? null : $"answered {(int)answer.StatusCode}";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds} seconds";
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Whatever it is, the event waits; no answer of somebody outside ends the process.
            return failure.Message;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
