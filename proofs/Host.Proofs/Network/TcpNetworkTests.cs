using System;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Host.Proofs.Network;

/// <summary>Goal: only nodes of the topology that prove their names are heard, and connections mend themselves. Method: real sockets on loopback; refusals are waited for in the trace.</summary>
public sealed class TcpNetworkTests
{
    [Fact]
    public async Task Nodes_with_certificates_of_the_region_hear_each_other()
    {
        await using var rig = new NetworkRig();
        X509Certificate2 authority = rig.NewAuthority();
        TcpNetwork a = rig.Node("a", rig.Credentials(authority, authority, "a"));
        TcpNetwork b = rig.Node("b", rig.Credentials(authority, authority, "b"));
        Introduce(a, b);
        Assert.Equal(a.Self, (await NetworkRig.DeliverAsync(a, b, [1])).From);
        Assert.Equal(b.Self, (await NetworkRig.DeliverAsync(b, a, new byte[1 << 20])).From);
        PeerTraffic traffic = Assert.Single(b.MeasureTraffic());
        Assert.True(traffic is { IsConnected: true, SentFrames: > 0, ReceivedFrames: > 0 }, $"{traffic}");
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_by_both_sides()
    {
        await using var rig = new NetworkRig();
        X509Certificate2 authority = rig.NewAuthority();
        X509Certificate2 stranger = rig.NewAuthority();
        TcpNetwork a = rig.Node("a", rig.Credentials(authority, authority, "a"));

        // It trusts the region, but the region does not trust it.
        TcpNetwork b = rig.Node("b", rig.Credentials(authority, stranger, "b"));
        Introduce(a, b);
        b.Send(a.Self, [1]);
        await rig.Trace.SeenAsync("connection-refused", "from=");
        a.Send(b.Self, [1]);
        await rig.Trace.SeenAsync("connection-failed", "to=b");
        AssertNothingPassed(a, b);
    }

    [Fact]
    public async Task A_node_that_calls_itself_by_another_name_than_its_certificate_is_refused()
    {
        await using var rig = new NetworkRig();
        X509Certificate2 authority = rig.NewAuthority();
        TcpNetwork a = rig.Node("a", rig.Credentials(authority, authority, "a"));
        Assert.Throws<ArgumentException>(() => new TcpNetwork(new NodeId("b"), NetworkRig.Loopback, rig.Credentials(authority, authority, "c"), rig.Trace));

        // What the constructor refuses to do, done by hand: a certificate of c, a greeting of b.
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        a.AddPeer(new NodeId("b"), new IPEndPoint(IPAddress.Loopback, 1));
        await socket.ConnectAsync(a.Address!);
        await using System.IO.Stream stream = await rig.Credentials(authority, authority, "c").ConnectAsync(new NetworkStream(socket), a.Self, default);
        await stream.WriteAsync(WireFormat.Greeting(new NodeId("b")));
        Assert.Contains("not made out to node b", await rig.Trace.SeenAsync("connection-refused", "from=b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_the_certificate_of_another_node_is_not_sent_to()
    {
        await using var rig = new NetworkRig();
        X509Certificate2 authority = rig.NewAuthority();
        TcpNetwork a = rig.Node("a", rig.Credentials(authority, authority, "a"));
        TcpNetwork c = rig.Node("c", rig.Credentials(authority, authority, "c"));
        c.AddPeer(a.Self, a.Address!);
        a.AddPeer(new NodeId("b"), c.Address!);
        a.Send(new NodeId("b"), [1]);
        await rig.Trace.SeenAsync("connection-failed", "to=b");
        AssertNothingPassed(a, c);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        await using var rig = new NetworkRig();
        X509Certificate2 authority = rig.NewAuthority();
        TcpNetwork a = rig.Node("a", rig.Credentials(authority, authority, "a"));
        TcpNetwork b = rig.Node("b", rig.Credentials(authority, authority, "b", TimeSpan.FromMinutes(-5)));
        Introduce(a, b);
        b.Send(a.Self, [1]);
        await rig.Trace.SeenAsync("connection-refused", "from=");
        AssertNothingPassed(a, b);
    }

    [Fact]
    public async Task A_node_that_is_not_in_the_topology_is_refused_though_its_certificate_is_good()
    {
        await using var rig = new NetworkRig();
        X509Certificate2 authority = rig.NewAuthority();
        TcpNetwork a = rig.Node("a", rig.Credentials(authority, authority, "a"));
        TcpNetwork b = rig.Node("b", rig.Credentials(authority, authority, "b"));
        b.AddPeer(a.Self, a.Address!);
        b.Send(a.Self, [1]);
        Assert.Contains("not in the topology", await rig.Trace.SeenAsync("connection-refused", "from=b"), StringComparison.Ordinal);

        // Once it has joined it is let in.
        a.AddPeer(b.Self, b.Address!);
        Assert.Equal(b.Self, (await NetworkRig.DeliverAsync(b, a, [2])).From);
    }

    [Fact]
    public async Task A_client_without_a_certificate_or_without_encryption_is_refused()
    {
        await using var rig = new NetworkRig();
        X509Certificate2 authority = rig.NewAuthority();
        TcpNetwork a = rig.Node("a", rig.Credentials(authority, authority, "a"));
        a.AddPeer(new NodeId("b"), new IPEndPoint(IPAddress.Loopback, 1));
        TcpNetwork plain = rig.Node("b", credentials: null);
        plain.AddPeer(a.Self, a.Address!);
        plain.Send(a.Self, [1]);
        await rig.Trace.SeenAsync("connection-refused", "from=");

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(a.Address!);
        await using var stream = new System.Net.Security.SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
        await stream.AuthenticateAsClientAsync("a");
        await rig.Trace.SeenAsync("connection-refused", "certificate");
    }

    [Fact]
    public void Cleartext_is_for_loopback_only()
    {
        Assert.Throws<ArgumentException>(() => new TcpNetwork(new NodeId("a"), new IPEndPoint(IPAddress.Any, 0), credentials: null, new AwaitableTrace()));
    }

    [Fact]
    public async Task A_damaged_or_oversized_frame_ends_its_connection_and_is_not_delivered()
    {
        await using var rig = new NetworkRig();
        TcpNetwork a = rig.Node("a", credentials: null);
        TcpNetwork b = rig.Node("b", credentials: null);
        Introduce(a, b);
        foreach ((byte[] frame, string why) in ((byte[], string)[])[(Sealed([1, 2, 3], flip: 9), "checksum"), ([255, 255, 255, 127, 0, 0, 0, 0], "length")])
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(a.Address!);
            await socket.SendAsync(WireFormat.Greeting(b.Self));
            await socket.SendAsync(frame);
            await rig.Trace.SeenAsync("connection-lost", why);
        }

        Assert.Equal([7], (await NetworkRig.DeliverAsync(b, a, [7])).Payload.ToArray());
    }

    [Fact]
    public async Task A_peer_that_went_away_and_came_back_at_another_address_is_heard_again()
    {
        await using var rig = new NetworkRig();
        TcpNetwork a = rig.Node("a", credentials: null);
        TcpNetwork b = rig.Node("b", credentials: null);
        Introduce(a, b);
        await NetworkRig.DeliverAsync(a, b, [1]);
        await b.DisposeAsync();
        TcpNetwork later = rig.Node("b", credentials: null);
        a.AddPeer(later.Self, later.Address!);
        later.AddPeer(a.Self, a.Address!);
        Assert.Equal([2], (await NetworkRig.DeliverAsync(a, later, [2])).Payload.ToArray());
    }

    [Fact]
    public async Task Small_frames_pass_while_a_receiver_is_full_of_large_ones_and_what_does_not_fit_is_lost_not_kept()
    {
        await using var rig = new NetworkRig();
        TcpNetwork a = rig.Node("a", credentials: null);
        TcpNetwork b = rig.Node("b", credentials: null);
        Introduce(a, b);
        await NetworkRig.DeliverAsync(a, b, [1]);
        byte[] large = new byte[INetwork.FrameSizeBytesMax];
        const int Sent = 40;
        for (int frame = 0; frame < Sent; frame++)
        {
            a.Send(b.Self, large);
        }

        long lost = Assert.Single(a.MeasureTraffic()).LostFrames;
        Assert.InRange(lost, Sent - ((3 * TcpNetwork.QueueBytesMax) / large.Length) - 4, Sent - 1);

        // The small one was sent last and is among the first to come out.
        a.Send(b.Self, [9]);
        int taken = 0;
        while ((await b.ReceiveAsync()).Payload.Length != 1)
        {
            taken++;
        }

        Assert.InRange(taken, 0, Sent - 1);
    }

    private static byte[] Sealed(byte[] payload, int flip)
    {
        byte[] frame = new byte[WireFormat.HeaderBytes + payload.Length];
        WireFormat.Lay(frame, payload, []);
        WireFormat.Seal(frame);
        frame[flip] ^= 1;
        return frame;
    }

    private static void Introduce(TcpNetwork left, TcpNetwork right)
    {
        left.AddPeer(right.Self, right.Address!);
        right.AddPeer(left.Self, left.Address!);
    }

    private static void AssertNothingPassed(TcpNetwork left, TcpNetwork right)
    {
        Assert.All(left.MeasureTraffic(), static traffic => Assert.Equal((0, 0), (traffic.SentFrames, traffic.ReceivedFrames)));
        Assert.All(right.MeasureTraffic(), static traffic => Assert.Equal((0, 0), (traffic.SentFrames, traffic.ReceivedFrames)));
    }
}
