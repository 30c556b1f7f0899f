using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ObjectStore.Sim.Mutants;

/// <summary>
/// Puts several versions of a source file into one: each body that some version changes becomes a choice between all of them by a number that is read once at start.
/// </summary>
/// <remarks>
/// Mutant schemata (Untch, Offutt, Harrold: Mutation Analysis Using Mutant Schemata, ISSTA'93), a whole body at a time: any change inside of a body can be said, and what is active is
/// exactly the patched text. What lies outside of bodies and initial values may not change; new members may be added.
/// </remarks>
public static class Schemata
{
    /// <summary>Asks whether the bug of a number is the active one, as an expression that takes the number; what is asked there runs next, and that is remembered.</summary>
    public const string IsActive = "global::ObjectStore.Engine.Kernel.Planted.Is";

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    /// <summary>One file with all versions in it.</summary>
    /// <param name="original">The text without a bug.</param>
    /// <param name="versions">Number and text of each version.</param>
    /// <exception cref="InvalidDataException">A version changes what cannot be chosen at run time, or nothing.</exception>
    public static string Merge(string original, IReadOnlyList<(int Number, string Text)> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        SyntaxNode root = Parse(original);
        SortedDictionary<string, SyntaxNode> parts = Parts(root);
        var variants = new Dictionary<string, List<(int Number, SyntaxNode Part)>>(StringComparer.Ordinal);
        var edits = new List<TextChange>();
        foreach ((int number, string text) in versions)
        {
            SyntaxNode changed = Parse(text);
            SortedDictionary<string, SyntaxNode> theirs = Parts(changed);
            bool differs = false;
            foreach ((string key, SyntaxNode part) in theirs)
            {
                if (parts.TryGetValue(key, out SyntaxNode? own) && !SyntaxFactory.AreEquivalent(own, part, topLevel: false))
                {
                    differs = true;
                    if (!variants.TryGetValue(key, out List<(int, SyntaxNode)>? list))
                    {
                        variants.Add(key, list = []);
                    }

                    list.Add((number, part));
                }
            }

            edits.AddRange(NewMembers(root, changed));
            if (!differs || Skeleton(root, parts.Values) != Skeleton(WithoutNewMembers(root, changed), null))
            {
                throw new InvalidDataException($"bug {number} changes {(differs ? "more than bodies and initial values" : "nothing")}");
            }
        }

        foreach ((string key, List<(int, SyntaxNode)> list) in variants)
        {
            edits.Add(new TextChange(Place(parts[key]), Choose(parts[key], list)));
        }

        return SourceText.From(original).WithChanges(edits.OrderBy(static edit => edit.Span.Start)).ToString();
    }

    /// <summary>The bodies of a text that can be chosen between, by a name that is unique in the text.</summary>
    internal static IEnumerable<(string Name, SyntaxNode Body)> Bodies(SyntaxNode root) =>
        Parts(root).Where(static part => part.Value is not EqualsValueClauseSyntax).Select(static part => (part.Key, part.Value));

    /// <summary>The tree of a text.</summary>
    /// <exception cref="InvalidDataException">It is no C#.</exception>
    internal static SyntaxNode Parse(string text)
    {
        SyntaxNode root = CSharpSyntaxTree.ParseText(text, Language).GetRoot();
        return root.ContainsDiagnostics && root.GetDiagnostics().FirstOrDefault(static said => said.Severity == DiagnosticSeverity.Error) is { } error
            ? throw new InvalidDataException($"does not parse: {error}")
            : root;
    }

    /// <summary>Bodies and initial values by the name of what they belong to.</summary>
    private static SortedDictionary<string, SyntaxNode> Parts(SyntaxNode root)
    {
        var parts = new SortedDictionary<string, SyntaxNode>(StringComparer.Ordinal);
        foreach (MemberDeclarationSyntax member in root.DescendantNodes(static node => node is not BlockSyntax).OfType<MemberDeclarationSyntax>())
        {
            string name = Name(member);
            switch (member)
            {
                case BaseMethodDeclarationSyntax method:
                    Add(name, (SyntaxNode?)method.Body ?? method.ExpressionBody);
                    break;
                case BasePropertyDeclarationSyntax property:
                    Add(name, (property as PropertyDeclarationSyntax)?.ExpressionBody ?? (property as IndexerDeclarationSyntax)?.ExpressionBody);
                    Add(name + " =", (property as PropertyDeclarationSyntax)?.Initializer);
                    foreach (AccessorDeclarationSyntax accessor in property.AccessorList?.Accessors ?? [])
                    {
                        Add($"{name} {accessor.Keyword.Text}", (SyntaxNode?)accessor.Body ?? accessor.ExpressionBody);
                    }

                    break;
                case FieldDeclarationSyntax field when !field.Modifiers.Any(SyntaxKind.ConstKeyword):
                    foreach (VariableDeclaratorSyntax variable in field.Declaration.Variables)
                    {
                        Add($"{name} {variable.Identifier.Text}", variable.Initializer);
                    }

                    break;
                default:
                    break;
            }
        }

        return parts;

        void Add(string name, SyntaxNode? part)
        {
            if (part is not null)
            {
                parts.Add(name, part);
            }
        }
    }

    private static string Name(MemberDeclarationSyntax member)
    {
        string own = member switch
        {
            MethodDeclarationSyntax method => $"{method.ExplicitInterfaceSpecifier}{method.Identifier.Text}`{method.Arity}{Types(method.ParameterList)}",
            ConstructorDeclarationSyntax made => $"{made.Modifiers}.new{Types(made.ParameterList)}",
            BaseMethodDeclarationSyntax other => $"{other.Kind()} {(other as OperatorDeclarationSyntax)?.OperatorToken.Text}{(other as ConversionOperatorDeclarationSyntax)?.Type}{Types(other.ParameterList)}",
            PropertyDeclarationSyntax property => $"{property.ExplicitInterfaceSpecifier}{property.Identifier.Text}",
            IndexerDeclarationSyntax indexer => $"{indexer.ExplicitInterfaceSpecifier}this{string.Join(',', indexer.ParameterList.Parameters.Select(static one => $"{one.Type}"))}",
            BaseFieldDeclarationSyntax field => string.Join(',', field.Declaration.Variables.Select(static variable => variable.Identifier.Text)),
            BaseTypeDeclarationSyntax type => $"{type.Identifier.Text}`{(type as TypeDeclarationSyntax)?.Arity}",
            BaseNamespaceDeclarationSyntax space => $"{space.Name}",
            EnumMemberDeclarationSyntax value => value.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            _ => member.Kind().ToString(),
        };
        return member.Parent is MemberDeclarationSyntax outer ? $"{Name(outer)}/{own}" : own;

        static string Types(ParameterListSyntax list) => $"({string.Join(',', list.Parameters.Select(static one => $"{one.Modifiers} {one.Type}"))})";
    }

    /// <summary>The text without the parts, to see whether anything else differs.</summary>
    private static string Skeleton(SyntaxNode root, IEnumerable<SyntaxNode>? parts)
    {
        var text = new StringBuilder();
        var skipped = new HashSet<TextSpan>((parts ?? Parts(root).Values).Select(static part => part.Span));
        foreach (SyntaxToken token in root.DescendantTokens(node => !skipped.Contains(node.Span)))
        {
            // A body that was '=> x;' may become a block: the semicolon belongs to it.
            if (!token.IsKind(SyntaxKind.SemicolonToken))
            {
                text.Append(token.Text).Append(' ');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<MemberDeclarationSyntax> Added(SyntaxNode root, SyntaxNode changed)
    {
        var known = new HashSet<string>(Members(root).Select(Name), StringComparer.Ordinal);
        return Members(changed).Where(member => !known.Contains(Name(member)) && (member.Parent is not MemberDeclarationSyntax outer || known.Contains(Name(outer))));
    }

    private static IEnumerable<MemberDeclarationSyntax> Members(SyntaxNode root) =>
        root.DescendantNodes(static node => node is not BlockSyntax).OfType<MemberDeclarationSyntax>();

    private static IEnumerable<TextChange> NewMembers(SyntaxNode root, SyntaxNode changed)
    {
        foreach (MemberDeclarationSyntax member in Added(root, changed))
        {
            string outer = Name((MemberDeclarationSyntax)member.Parent!);
            TypeDeclarationSyntax home = Members(root).OfType<TypeDeclarationSyntax>().First(type => Name(type) == outer);
            yield return new TextChange(new TextSpan(home.CloseBraceToken.SpanStart, 0), member.ToFullString());
        }
    }

    private static SyntaxNode WithoutNewMembers(SyntaxNode root, SyntaxNode changed) =>
        changed.RemoveNodes(Added(root, changed), SyntaxRemoveOptions.KeepNoTrivia)!;

    /// <summary>The choice between a part and its variants, in the place of the part.</summary>
    private static string Choose(SyntaxNode part, List<(int Number, SyntaxNode Part)> variants)
    {
        var text = new StringBuilder();
        if (part is EqualsValueClauseSyntax initial)
        {
            text.Append("= ");
            foreach ((int number, SyntaxNode variant) in variants)
            {
                text.Append(CultureInfo.InvariantCulture, $"{IsActive}({number}) ? ({((EqualsValueClauseSyntax)variant).Value}) : ");
            }

            return text.Append(CultureInfo.InvariantCulture, $"({initial.Value})").ToString();
        }

        text.Append("{ ");
        foreach ((int number, SyntaxNode variant) in variants)
        {
            text.Append(CultureInfo.InvariantCulture, $"if ({IsActive}({number}))\n{Block(variant)}\nelse ");
        }

        text.Append(Block(part)).Append(" }");
        return part is ArrowExpressionClauseSyntax && part.Parent is BasePropertyDeclarationSyntax ? $"{{ get {text} }}" : text.ToString();
    }

    /// <summary>Where a part stands; an expression body with its semicolon, for a block has none.</summary>
    private static TextSpan Place(SyntaxNode part) =>
        part is ArrowExpressionClauseSyntax ? TextSpan.FromBounds(part.SpanStart, part.Parent!.Span.End) : part.Span;

    private static string Block(SyntaxNode part) => part switch
    {
        BlockSyntax block => block.ToString(),
        ArrowExpressionClauseSyntax { Expression: ThrowExpressionSyntax thrown } => $"{{ {thrown}; }}",
        ArrowExpressionClauseSyntax arrow => ReturnsValue(arrow.Parent!) ? $"{{ return {arrow.Expression}; }}" : $"{{ {arrow.Expression}; }}",
        _ => throw new InvalidDataException($"a {part.Kind()} is no body"),
    };

    private static bool ReturnsValue(SyntaxNode member) => member switch
    {
        MethodDeclarationSyntax method => method.ReturnType.ToString() is var type
            && type != "void"
            && !(type is "Task" or "ValueTask" && method.Modifiers.Any(SyntaxKind.AsyncKeyword)),
        ConstructorDeclarationSyntax or DestructorDeclarationSyntax => false,
        AccessorDeclarationSyntax accessor => accessor.IsKind(SyntaxKind.GetAccessorDeclaration),
        _ => true,
    };
}
