using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.Checking;

/// <summary>What a correct system does when it is asked one thing at a time. A relation: a result that the server may choose (an id) is looked up, not predicted.</summary>
/// <typeparam name="TState">Immutable; equal states behave alike for ever.</typeparam>
/// <typeparam name="TOperation">What is asked.</typeparam>
/// <typeparam name="TResult">What is answered.</typeparam>
public interface ISequentialModel<TState, TOperation, TResult>
    where TState : class, IEquatable<TState>
    where TResult : class
{
    /// <summary>Where a history starts.</summary>
    TState Initial { get; }

    /// <summary>Whether the operation may give this result in this state, and the state that follows.</summary>
    /// <param name="state">Before.</param>
    /// <param name="operation">What is asked.</param>
    /// <param name="result">What was answered; null when unknown: then the effect of its success, or false when it could not succeed.</param>
    /// <param name="next">After; the same object when nothing changed.</param>
    bool TryStep(TState state, TOperation operation, TResult? result, out TState next);

    /// <summary>True when an operation with this result never changes the state.</summary>
    bool IsRead(TOperation operation, TResult? result);

    /// <summary>False only when the two commute in every state, so that their order cannot matter.</summary>
    bool Conflict(TOperation left, TOperation right);

    /// <summary>Splits a history into parts that can be checked one by one (operations of different parts touch nothing in common).</summary>
    /// <remarks>Source: Horn and Kroening, "Faster linearizability checking via P-compositionality", FORTE 2015.</remarks>
    IReadOnlyList<IReadOnlyList<HistoryEntry<TOperation, TResult>>> Partition(IReadOnlyList<HistoryEntry<TOperation, TResult>> entries);

    /// <summary>The part of a state that matters to an operation, for people.</summary>
    string Describe(TState state, TOperation operation);
}
