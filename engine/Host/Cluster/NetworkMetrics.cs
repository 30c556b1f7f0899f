using System;
using System.Collections.Generic;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>Traffic with each peer as Prometheus series.</summary>
internal static class NetworkMetrics
{
    internal static void WriteTo(PrometheusText text, IReadOnlyList<PeerTraffic> peers)
    {
        Write(text, peers, "objectstore_peer_connected", "gauge", "1 while a connection to the peer stands.", static peer => peer.IsConnected ? 1 : 0);
        Write(text, peers, "objectstore_peer_connections_total", "counter", "Connections opened to the peer.", static peer => peer.Connections);
        Write(text, peers, "objectstore_peer_sent_frames_total", "counter", "Frames handed to a connection.", static peer => peer.SentFrames);
        Write(text, peers, "objectstore_peer_sent_bytes_total", "counter", "Bytes of those frames.", static peer => peer.SentBytes);
        Write(text, peers, "objectstore_peer_lost_frames_total", "counter", "Frames that no connection took.", static peer => peer.LostFrames);
        Write(text, peers, "objectstore_peer_received_frames_total", "counter", "Frames that came from the peer.", static peer => peer.ReceivedFrames);
        Write(text, peers, "objectstore_peer_received_bytes_total", "counter", "Bytes of those frames.", static peer => peer.ReceivedBytes);
    }

    private static void Write(PrometheusText text, IReadOnlyList<PeerTraffic> peers, string name, string type, string help, Func<PeerTraffic, double> value)
    {
        text.Family(name, type, help);
        foreach (PeerTraffic peer in peers)
        {
            text.Sample(name, value(peer), ("peer", peer.Peer.Value));
        }
    }
}
