using System;
using System.IO;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>The Unix socket on which a running server takes admin commands: one JSON line in, one out. The right to open it (mode 0600) is the right to administer.</summary>
internal sealed class AdminSocket : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _path;
    private readonly Func<AdminRequest, Task<AdminResponse>> _handle;
    private readonly ITrace _trace;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly NearPath _near;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    /// <summary>Begins to listen. The caller holds the lock of the folder, so a socket found there is a dead server's.</summary>
    internal AdminSocket(string folder, Func<AdminRequest, Task<AdminResponse>> handle, ITrace trace)
    {
        _path = DataFolder.SocketPath(folder);
        _handle = handle;
        _trace = trace;
        File.Delete(_path);
        _near = new NearPath(folder);
        _listener.Bind(new UnixDomainSocketEndPoint(_near.Socket));

        // Nobody can connect before Listen, so nobody gets in before the mode is right.
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Sends one command to the server that holds <paramref name="folder"/>.</summary>
    /// <returns>Its answer, or null when none listens there.</returns>
    internal static async Task<AdminResponse?> AskAsync(string folder, AdminRequest request)
    {
        if (!File.Exists(DataFolder.SocketPath(folder)))
        {
            return null;
        }

        using var patience = new CancellationTokenSource(Patience);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var near = new NearPath(folder);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(near.Socket), patience.Token);
        }
        catch (SocketException)
        {
            return null;
        }

        await using var stream = new NetworkStream(socket);
        await WriteLineAsync(stream, request, patience.Token);
        byte[] line = await ReadLineAsync(stream, patience.Token);
        return JsonSerializer.Deserialize<AdminResponse>(line, AdminFormat.Line);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
        _near.Dispose();
        File.Delete(_path);
    }

    private static async Task WriteLineAsync<T>(NetworkStream stream, T message, CancellationToken cancellation)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, AdminFormat.Line);
        byte[] line = [.. json, (byte)'\n'];
        await stream.WriteAsync(line, cancellation);
    }

    private static async Task<byte[]> ReadLineAsync(NetworkStream stream, CancellationToken cancellation)
    {
        using var line = new MemoryStream();
        byte[] buffer = new byte[4096];
        while (line.Length < AdminFormat.LineBytesMax)
        {
            int count = await stream.ReadAsync(buffer, cancellation);
            int end = Array.IndexOf(buffer, (byte)'\n', 0, count);
            line.Write(buffer, 0, end >= 0 ? end : count);
            if (end >= 0)
            {
                return line.ToArray();
            }

            if (count == 0)
            {
                break;
            }
        }

        throw new IOException("the admin connection ended inside a line");
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket client = await _listener.AcceptAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                _trace.Emit(TraceLevel.Warning, "admin", "accept-failed", ("failure", failure.Message));
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            patience.CancelAfter(Patience);
            await using var stream = new NetworkStream(client, ownsSocket: true);
            byte[] line = await ReadLineAsync(stream, patience.Token);
            AdminRequest? request = JsonSerializer.Deserialize<AdminRequest>(line, AdminFormat.Line);
            AdminResponse response = request is null
                ? new AdminResponse(ExitCode.Usage, "empty command", [])
                : await _handle(request);
            await WriteLineAsync(stream, response, patience.Token);
        }
        catch (Exception failure)
        {
            _trace.Emit(TraceLevel.Warning, "admin", "command-failed", ("failure", failure.Message));
        }
    }

    /// <summary>A path of the socket that is short, since a socket address holds 107 bytes: through the folder's descriptor.</summary>
    private sealed class NearPath : IDisposable
    {
        private readonly SafeFileHandle _folder;

        internal NearPath(string folder)
        {
            int descriptor = LibC.Open(folder, LibC.ReadOnly | LibC.Directory | LibC.CloseOnExec, 0);
            _folder = new SafeFileHandle(descriptor, ownsHandle: true);
            Socket = DataFolder.SocketPath($"/proc/self/fd/{descriptor}");
        }

        internal string Socket { get; }

        public void Dispose() => _folder.Dispose();
    }
}
