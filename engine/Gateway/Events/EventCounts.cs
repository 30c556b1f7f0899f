namespace ObjectStore.Engine.Gateway;

/// <summary>What became of the events of one target.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Delivered">Events that it took since the start of the process; some of them more than once.</param>
/// <param name="Failures">Messages that it did not take since the start of the process; they are sent again.</param>
/// <param name="Waiting">Events that wait, of the shards that this node leads, as they were looked at last.</param>
/// <param name="Dropped">Events of those shards that were ever dropped, as too many waited.</param>
public readonly record struct EventCounts(string Target, long Delivered, long Failures, long Waiting, long Dropped);
