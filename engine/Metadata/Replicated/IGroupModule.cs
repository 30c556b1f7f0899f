using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>One part of a group's machine: decides the commands whose first byte is its own, over tables of its own in the group's rows.</summary>
/// <remarks>
/// Deterministic: what it does is a function of the rows and the command. What it keeps in memory is a function of the rows, read by <see cref="LoadAsync"/> and changed by
/// <see cref="GroupStep.Then"/>. First bytes: <c>01</c> metadata, <c>02</c> cluster map, <c>03</c> directory. Tables (KeyLayout.md): metadata <c>01</c>–<c>1F</c>, directory <c>20</c>–<c>3F</c>,
/// cluster map <c>40</c>–<c>5F</c>.
/// </remarks>
public interface IGroupModule
{
    /// <summary>First byte of its commands.</summary>
    byte CommandKind { get; }

    /// <summary>Reads what is kept in memory from a state.</summary>
    /// <returns>Puts what was read in force; called when the state has become the group's.</returns>
    ValueTask<Action> LoadAsync(IReadView state);

    /// <summary>Decides one command. A command that it does not know is refused alike everywhere, or a <see cref="StorageException"/> that stops this replica.</summary>
    /// <param name="step">The state before, and the changes to make.</param>
    /// <param name="command">With its first byte.</param>
    /// <returns>What the proposer gets.</returns>
    /// <exception cref="StorageException">A row could not be read.</exception>
    /// <exception cref="MalformedDataException">A row or the command is damaged, or newer than this program.</exception>
    ValueTask<object?> ApplyAsync(GroupStep step, ReadOnlyMemory<byte> command);

    /// <summary>Appends what <see cref="ApplyAsync"/> returned, for a proposer on another node.</summary>
    void EncodeResult(object? result, ByteWriter to);

    /// <summary>Answers a question about a state: a function of both.</summary>
    /// <param name="state">The group's rows.</param>
    /// <param name="query">Starts with <see cref="CommandKind"/>.</param>
    /// <exception cref="StorageException">A row could not be read.</exception>
    /// <exception cref="MalformedDataException">A row or the question is damaged.</exception>
    ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IReadView state, ReadOnlyMemory<byte> query);
}

/// <summary>One command being applied.</summary>
/// <param name="state">All commands before it.</param>
/// <param name="number">Its number.</param>
public sealed class GroupStep(IReadView state, ulong number)
{
    private readonly List<Action> _then = [];

    /// <summary>The group's rows after all commands before this one. The batch does not show in it.</summary>
    public IReadView State => state;

    /// <summary>What changes.</summary>
    public WriteBatch Batch { get; internal set; } = new();

    /// <summary>Grows from command to command of the group; no two groups ever give the same. Its source: <c>counter &lt;&lt; 12 | group mod 4096</c>.</summary>
    public ulong Number => number;

    /// <summary>Lifts the group's counter, so that numbers from now on are above <paramref name="number"/>.</summary>
    public void RaiseNumber(ulong number) => RaisedTo = ulong.Max(RaisedTo, number);

    /// <summary>Runs after the batch was applied, with nothing awaited between: changes of memory.</summary>
    public void Then(Action change) => _then.Add(change);

    internal ulong RaisedTo { get; private set; }

    internal void Finish()
    {
        foreach (Action change in _then)
        {
            change();
        }
    }
}
