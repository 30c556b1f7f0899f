using System;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ObjectStore.Workloads.Live;

/// <summary>A blocking connection. Blocking, because on two cores shared with the server it is the cheapest: one call to send, one to receive, no hops between threads.</summary>
internal sealed class WireConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly SslStream? _tls;

    internal WireConnection(Uri address, TimeSpan timeout)
    {
        IPAddress target = IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? literal) ? literal : Dns.GetHostAddresses(address.Host)[0];
        _socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = (int)timeout.TotalMilliseconds,
            SendTimeout = (int)timeout.TotalMilliseconds,
        };
        _socket.Connect(new IPEndPoint(target, address.Port));
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            _tls = new SslStream(new NetworkStream(_socket));
            _tls.AuthenticateAsClient(address.Host);
        }
    }

    /// <exception cref="IOException">The connection broke or timed out.</exception>
    internal void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (_tls is not null)
            {
                _tls.Write(bytes);
                return;
            }

            while (!bytes.IsEmpty)
            {
                bytes = bytes[_socket.Send(bytes)..];
            }
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.SocketErrorCode.ToString(), failure);
        }
    }

    /// <returns>0 at the end.</returns>
    /// <exception cref="IOException">The connection broke or timed out.</exception>
    internal int Receive(Span<byte> buffer)
    {
        try
        {
            return _tls?.Read(buffer) ?? _socket.Receive(buffer);
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.SocketErrorCode == SocketError.WouldBlock ? "timeout" : failure.SocketErrorCode.ToString(), failure);
        }
    }

    public void Dispose()
    {
        _tls?.Dispose();
        _socket.Dispose();
    }
}
