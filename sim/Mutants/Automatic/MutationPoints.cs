using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ObjectStore.Sim.Mutants;

/// <summary>All places of a source file that the operators change.</summary>
/// <remarks>
/// Left alone is what no promise of the store hangs on: what is thrown and the guards of arguments (they answer callers that are wrong), invariants (a checker, not a behaviour), traces and
/// marks (they are for people), switches of rare but legal behaviour (either way is right), texts for people, hash codes; and what lies outside of bodies, between which
/// <see cref="Schemata"/> cannot choose.
/// </remarks>
public static class MutationPoints
{
    private static readonly string[] QuietReceivers = ["Trace", "trace", "_trace", "Invariant", "Debug", "Rare"];
    private static readonly string[] QuietCalls = ["nameof", "CheckLoop", "Mark"];
    private static readonly string[] QuietMembers = ["ToString", "GetHashCode", "Describe", "CheckLoop"];

    /// <summary>All mutations of a text, in its order.</summary>
    /// <param name="file">Its file, relative to the root of the repository.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="System.IO.InvalidDataException">It is no C#.</exception>
    public static IReadOnlyList<Mutation> In(string file, string text)
    {
        SyntaxNode root = Schemata.Parse(text);
        var found = new List<Mutation>();
        foreach ((string name, SyntaxNode body) in Schemata.Bodies(root))
        {
            string member = Short(name);
            if (QuietMembers.Contains(member) || member.StartsWith("Emit", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (MutationOperators.Change change in body.DescendantNodesAndSelf(static node => !IsQuiet(node)).Where(static node => !IsQuiet(node)).SelectMany(MutationOperators.Of)
                .Where(static change => !IsQuiet(change.Place) && !IsGuard(change.Place)))
            {
                found.Add(new Mutation
                {
                    File = file,
                    Line = change.Place.GetLocation().GetLineSpan().StartLinePosition.Line + 1,
                    Member = member,
                    Kind = change.Kind,
                    Before = change.Before,
                    After = change.After,
                    Start = change.Place.SpanStart,
                    Replaced = change.Place.ToString(),
                    Replacement = change.Text,
                });
            }
        }

        return [.. found.OrderBy(static one => one.Start).ThenBy(static one => one.Kind, StringComparer.Ordinal)];
    }

    /// <summary>Nothing in it is changed.</summary>
    private static bool IsQuiet(SyntaxNode node) => node switch
    {
        ThrowStatementSyntax or ThrowExpressionSyntax or AttributeListSyntax or ParameterSyntax => true,
        LocalDeclarationStatementSyntax local => local.IsConst,
        InvocationExpressionSyntax call => IsQuietCall(call.Expression),
        ConditionalAccessExpressionSyntax { Expression: { } receiver } => QuietReceivers.Contains(LastName(receiver)),
        ExpressionStatementSyntax { Expression: { } expression } => IsQuiet(expression),
        AwaitExpressionSyntax awaited => IsQuiet(awaited.Expression),
        ParenthesizedExpressionSyntax inner => IsQuiet(inner.Expression),
        PrefixUnaryExpressionSyntax not => IsQuiet(not.Operand),
        _ => false,
    };

    private static bool IsQuietCall(ExpressionSyntax called)
    {
        string name = LastName(called);
        return name.StartsWith("ThrowIf", StringComparison.Ordinal)
            || name.StartsWith("Emit", StringComparison.Ordinal)
            || QuietCalls.Contains(name)
            || (called is MemberAccessExpressionSyntax access && QuietReceivers.Contains(LastName(access.Expression)));
    }

    /// <summary>Whether a place is the condition of a branch that only refuses what a wrong caller gave.</summary>
    private static bool IsGuard(SyntaxNode place)
    {
        IfStatementSyntax? branch = place.AncestorsAndSelf().OfType<IfStatementSyntax>().FirstOrDefault(one => one.Condition.Span.Contains(place.Span));
        StatementSyntax? body = branch?.Statement is BlockSyntax { Statements.Count: 1 } block ? block.Statements[0] : branch?.Statement;
        return body is ThrowStatementSyntax { Expression: ObjectCreationExpressionSyntax thrown }
            && LastName(thrown.Type) is var type
            && (type.StartsWith("Argument", StringComparison.Ordinal) || type is "ObjectDisposedException" or "UnreachableException" or "InvariantViolationException");
    }

    private static string LastName(SyntaxNode node) => node switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        MemberBindingExpressionSyntax binding => binding.Name.Identifier.Text,
        QualifiedNameSyntax qualified => qualified.Right.Identifier.Text,
        SimpleNameSyntax name => name.Identifier.Text,
        _ => "",
    };

    /// <summary>The name of a member without its types and what is around it.</summary>
    private static string Short(string name)
    {
        string own = name[(name.Split('(', 2)[0].LastIndexOf('/') + 1)..];
        string plain = own.Split('(', '`')[0].Trim();
        return plain.EndsWith(".new", StringComparison.Ordinal) ? "constructor" : plain;
    }
}
