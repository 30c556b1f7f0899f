namespace ObjectStore.Engine.Gateway;

/// <summary>What became of access logs since the start of the process.</summary>
/// <param name="Lines">Lines that requests made.</param>
/// <param name="Delivered">Of those: delivered.</param>
/// <param name="Overflowed">Of those: dropped, as there was no memory for them.</param>
/// <param name="Refused">Of those: dropped, as their target is gone, cannot take them or does not let them in.</param>
/// <param name="Lost">Of those: dropped after delivery had failed too often, or at a stop.</param>
/// <param name="Objects">Objects that were delivered.</param>
/// <param name="Failures">Deliveries that failed; they are tried again, some times.</param>
/// <param name="HeldBytes">Memory of lines that wait.</param>
public readonly record struct AccessLogCounts(
    long Lines, long Delivered, long Overflowed, long Refused, long Lost, long Objects, long Failures, long HeldBytes);
