using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace ObjectStore.Sim.Checking;

/// <summary>What a check found.</summary>
public enum Verdict
{
    /// <summary>There is an order that explains everything.</summary>
    Linearizable,

    /// <summary>There is none.</summary>
    Broken,

    /// <summary>The budget of steps ran out first.</summary>
    Undecided,
}

/// <summary>The answer of <see cref="LinearizabilityChecker"/>.</summary>
public sealed record LinearizabilityReport<TOperation, TResult>
    where TResult : class
{
    /// <summary>What was found.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Model steps tried.</summary>
    public required long Steps { get; init; }

    /// <summary>When broken: the operation whose return cannot be explained. The history up to that return is the shortest prefix that is not linearizable.</summary>
    public HistoryEntry<TOperation, TResult>? Unplaceable { get; init; }

    /// <summary>When broken: the operations of the prefix that have to do with it, in the order of calls.</summary>
    public IReadOnlyList<HistoryEntry<TOperation, TResult>> Involved { get; init; } = [];

    /// <summary>When broken: what the model held in the explanations that came furthest.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>For people: at most <paramref name="entriesMax"/> operations.</summary>
    public string Explain(int entriesMax = 20)
    {
        var text = new StringBuilder();
        if (Verdict == Verdict.Undecided)
        {
            return text.Append("undecided after ").Append(Steps).Append(" steps").ToString();
        }

        if (Unplaceable is null)
        {
            return "linearizable";
        }

        text.Append("no order explains ").AppendLine(Unplaceable.ToString());
        foreach (string state in States)
        {
            text.Append("  where the model holds ").AppendLine(state);
        }

        int skipped = System.Math.Max(0, Involved.Count - entriesMax);
        text.Append("  what has to do with it").AppendLine(skipped > 0 ? $" (the last {entriesMax} of {Involved.Count}):" : ":");
        foreach (HistoryEntry<TOperation, TResult> entry in Involved.Skip(skipped))
        {
            text.Append("    ").AppendLine(entry.ToString());
        }

        return text.ToString();
    }
}
