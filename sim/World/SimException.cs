using System;

namespace ObjectStore.Sim.World;

/// <summary>Nothing is left to run and the body of the run has not finished.</summary>
public sealed class SimDeadlockException(string message) : Exception(message);

/// <summary>A run passed its limit of virtual time or of steps.</summary>
public sealed class SimLimitException(string message) : Exception(message);

/// <summary>Something left the one thread of the world: real time, a thread pool, a file. Such a run cannot be repeated.</summary>
public sealed class SimEscapeException(string message) : Exception(message);

/// <summary>Code used the world in a way that its contract forbids: a misaligned direct write, a buffer changed in flight.</summary>
public sealed class SimMisuseException(string message) : Exception(message);
