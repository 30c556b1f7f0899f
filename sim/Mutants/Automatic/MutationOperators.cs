using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ObjectStore.Sim.Mutants;

/// <summary>What a machine changes at one node of the syntax: the classical operators for relations, logic, constants and statements.</summary>
/// <remarks>
/// Source: Offutt et al., "An Experimental Determination of Sufficient Mutant Operators", TOSEM 1996 (ROR, LCR, AOR are enough for most of the score), and statement deletion
/// (Deng, Offutt, Li: "Empirical Evaluation of the Statement Deletion Mutation Operator", ICST 2013). Two changes that mean the same are made once: an equality is exchanged, its
/// condition is not negated as well.
/// </remarks>
internal static class MutationOperators
{
    /// <summary>A bound is moved, an equality turned round.</summary>
    internal const string Relation = "relation";

    /// <summary>And becomes or.</summary>
    internal const string Logic = "logic";

    /// <summary>The condition of an <c>if</c>, a loop or a choice is turned round.</summary>
    internal const string Condition = "condition";

    /// <summary>One is no longer added or taken away.</summary>
    internal const string OffByOne = "off-by-one";

    /// <summary>True becomes false.</summary>
    internal const string Constant = "constant";

    /// <summary>A statement is left out.</summary>
    internal const string Deletion = "deletion";

    /// <summary>A yes-or-no answer is turned round.</summary>
    internal const string Answer = "answer";

    /// <summary>The smaller becomes the larger.</summary>
    internal const string Extreme = "extreme";

    private const int SideLengthMax = 60;
    private const string Nothing = "(nothing)";

    private static readonly Dictionary<SyntaxKind, (string Kind, string Other)> Exchanged = new()
    {
        [SyntaxKind.LessThanExpression] = (Relation, "<="),
        [SyntaxKind.LessThanOrEqualExpression] = (Relation, "<"),
        [SyntaxKind.GreaterThanExpression] = (Relation, ">="),
        [SyntaxKind.GreaterThanOrEqualExpression] = (Relation, ">"),
        [SyntaxKind.EqualsExpression] = (Relation, "!="),
        [SyntaxKind.NotEqualsExpression] = (Relation, "=="),
        [SyntaxKind.LogicalAndExpression] = (Logic, "||"),
        [SyntaxKind.LogicalOrExpression] = (Logic, "&&"),
    };

    /// <summary>A change of one node.</summary>
    /// <param name="Kind">Which operator.</param>
    /// <param name="Place">What is replaced.</param>
    /// <param name="Text">By what.</param>
    /// <param name="Before">For people.</param>
    /// <param name="After">For people.</param>
    internal sealed record Change(string Kind, SyntaxNode Place, string Text, string Before, string After);

    /// <summary>All changes of a node itself; its children are asked on their own.</summary>
    internal static IEnumerable<Change> Of(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax binary => OfBinary(binary),
        LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.TrueLiteralExpression) => [Shown(Constant, literal, "false", Around(literal, "false"))],
        LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.FalseLiteralExpression) => [Shown(Constant, literal, "true", Around(literal, "true"))],
        IfStatementSyntax branch => Negated(Condition, branch.Condition),
        WhileStatementSyntax loop => Negated(Condition, loop.Condition),
        ConditionalExpressionSyntax choice => Negated(Condition, choice.Condition),
        ReturnStatementSyntax { Expression: { } answer } given when AnswersYesOrNo(given) => Negated(Answer, answer),
        ArrowExpressionClauseSyntax arrow when AnswersYesOrNo(arrow) => Negated(Answer, arrow.Expression),
        ArrowExpressionClauseSyntax arrow when AnswersNothing(arrow) && IsDeletable(arrow.Expression) =>
            [new Change(Deletion, arrow.Expression, "_ = 0", Head(arrow.Expression), Nothing)],
        ExpressionStatementSyntax statement when IsDeletable(statement.Expression) => [new Change(Deletion, statement, ";", Head(statement), Nothing)],
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } } => OfExtreme(name),
        _ => [],
    };

    private static IEnumerable<Change> OfBinary(BinaryExpressionSyntax binary)
    {
        if (Exchanged.TryGetValue(binary.Kind(), out (string Kind, string Other) exchange))
        {
            return [new Change(
                exchange.Kind, binary, $"{binary.Left} {exchange.Other} {binary.Right}",
                $"{Tail(binary.Left)} {binary.OperatorToken.Text} {Head(binary.Right)}", $"{Tail(binary.Left)} {exchange.Other} {Head(binary.Right)}")];
        }

        bool addsOne = (binary.IsKind(SyntaxKind.AddExpression) || binary.IsKind(SyntaxKind.SubtractExpression)) && binary.Right is LiteralExpressionSyntax { Token.ValueText: "1" } one
            && one.IsKind(SyntaxKind.NumericLiteralExpression);
        return addsOne ? [new Change(OffByOne, binary, $"{binary.Left}", $"{Tail(binary.Left)} {binary.OperatorToken.Text} 1", Tail(binary.Left))] : [];
    }

    private static IEnumerable<Change> OfExtreme(IdentifierNameSyntax name) => name.Identifier.Text switch
    {
        "Min" => [Shown(Extreme, name, "Max", Around(name, "Max"))],
        "Max" => [Shown(Extreme, name, "Min", Around(name, "Min"))],
        _ => [],
    };

    private static IEnumerable<Change> Negated(string kind, ExpressionSyntax condition)
    {
        ExpressionSyntax bare = condition;
        while (bare is ParenthesizedExpressionSyntax inner)
        {
            bare = inner.Expression;
        }

        return bare is LiteralExpressionSyntax or ThrowExpressionSyntax || bare.IsKind(SyntaxKind.EqualsExpression) || bare.IsKind(SyntaxKind.NotEqualsExpression)
            ? []
            : [new Change(kind, condition, $"!({condition})", Head(condition), $"!({Head(condition)})")];
    }

    /// <summary>Calls and changes of what outlives the statement; a local variable is the compiler's and the other operators' business.</summary>
    private static bool IsDeletable(ExpressionSyntax expression) => expression switch
    {
        InvocationExpressionSyntax or ConditionalAccessExpressionSyntax => true,
        AwaitExpressionSyntax awaited => awaited.Expression is InvocationExpressionSyntax or ConditionalAccessExpressionSyntax,
        AssignmentExpressionSyntax assignment => IsKept(assignment.Left),
        PostfixUnaryExpressionSyntax step => IsKept(step.Operand),
        PrefixUnaryExpressionSyntax step => IsKept(step.Operand),
        _ => false,
    };

    private static bool IsKept(ExpressionSyntax target) => target switch
    {
        IdentifierNameSyntax name => name.Identifier.Text.Length > 1 && (name.Identifier.Text[0] == '_' || char.IsUpper(name.Identifier.Text[0])),
        MemberAccessExpressionSyntax or ElementAccessExpressionSyntax => true,
        _ => false,
    };

    private static bool AnswersYesOrNo(SyntaxNode node) => Answered(node) is "bool" or "async Task<bool>" or "async ValueTask<bool>";

    private static bool AnswersNothing(SyntaxNode node) => Answered(node) is "void" or "async Task" or "async ValueTask";

    /// <summary>What the function around a node gives, as it is written; null inside of lambdas.</summary>
    private static string? Answered(SyntaxNode node)
    {
        SyntaxNode? function = node.Ancestors().FirstOrDefault(static one => one is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax or AccessorDeclarationSyntax);
        return function switch
        {
            MethodDeclarationSyntax method => Async(method.Modifiers) + method.ReturnType,
            LocalFunctionStatementSyntax local => Async(local.Modifiers) + local.ReturnType,
            OperatorDeclarationSyntax made => $"{made.ReturnType}",
            PropertyDeclarationSyntax property => $"{property.Type}",
            AccessorDeclarationSyntax accessor when accessor.IsKind(SyntaxKind.GetAccessorDeclaration) => $"{(accessor.Parent?.Parent as BasePropertyDeclarationSyntax)?.Type}",
            AccessorDeclarationSyntax => "void",
            ConstructorDeclarationSyntax => "void",
            _ => null,
        };

        static string Async(SyntaxTokenList modifiers) => modifiers.Any(SyntaxKind.AsyncKeyword) ? "async " : "";
    }

    private static Change Shown(string kind, SyntaxNode place, string text, (string Before, string After) shown) => new(kind, place, text, shown.Before, shown.After);

    /// <summary>A small node with what it is a part of.</summary>
    private static (string Before, string After) Around(SyntaxNode node, string other)
    {
        SyntaxNode whole = node;
        while (whole.Parent is ExpressionSyntax or ArgumentSyntax or ArgumentListSyntax or EqualsValueClauseSyntax or VariableDeclaratorSyntax or ReturnStatementSyntax or ExpressionStatementSyntax
            && whole.Parent.Span.Length <= 2 * SideLengthMax)
        {
            whole = whole.Parent;
        }

        string text = whole.ToString();
        int start = node.SpanStart - whole.SpanStart;
        return (OneLine(text), OneLine(string.Concat(text.AsSpan(0, start), other, text.AsSpan(start + node.Span.Length))));
    }

    private static string Head(SyntaxNode node) => OneLine(node.ToString()) is var text && text.Length > SideLengthMax ? text[..SideLengthMax] + "…" : text;

    private static string Tail(SyntaxNode node) => OneLine(node.ToString()) is var text && text.Length > SideLengthMax ? "…" + text[^SideLengthMax..] : text;

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
