using System;

namespace ObjectStore.Engine.Cluster;

/// <summary>A topology file that cannot be used; the message names the line and the field.</summary>
public sealed class TopologyException(string message) : Exception(message);
