using System;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.Trace;

/// <summary>One event of a run, as it is kept for reports.</summary>
/// <param name="At">Virtual time.</param>
/// <param name="Step">How many things the world had run when it happened.</param>
/// <param name="Node">The node that it happened on, or <c>world</c>.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Area">The part that speaks.</param>
/// <param name="Name">What happened.</param>
/// <param name="Fields">Values.</param>
public sealed record TraceEvent(TimeSpan At, long Step, string Node, TraceLevel Level, string Area, string Name, TraceField[] Fields)
{
    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        line.Append(At.TotalSeconds.ToString("F6")).Append(" #").Append(Step).Append(' ').Append(Node).Append(' ').Append(Area).Append('/').Append(Name);
        foreach (TraceField field in Fields)
        {
            line.Append(' ').Append(field.Name).Append('=');
            if (field.Text is null)
            {
                line.Append(field.Number);
            }
            else
            {
                line.Append(field.Text);
            }
        }

        return line.ToString();
    }
}
