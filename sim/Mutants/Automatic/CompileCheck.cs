using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ObjectStore.Sim.Mutants;

/// <summary>Tells which mutations compile, in memory and one project at a time, so that a bad one never breaks the one build of all.</summary>
public sealed class CompileCheck
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    private readonly string _repository;
    private readonly string[] _references;
    private readonly Dictionary<string, (CSharpCompilation Compilation, Dictionary<string, SyntaxTree> Trees)> _projects = new(StringComparer.Ordinal);

    /// <summary>Starts with nothing compiled.</summary>
    /// <param name="repository">Root of the repository.</param>
    /// <param name="references">Assemblies that the projects need.</param>
    public CompileCheck(string repository, IEnumerable<string> references)
    {
        _repository = repository;
        _references = [.. references];
    }

    /// <summary>All assemblies that the running program was started with: those of the engine are among them in the simulator.</summary>
    public static IReadOnlyList<string> OfThisProgram => ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether the project of a file compiles with a change in that file.</summary>
    /// <exception cref="InvalidDataException">It does not compile without the change either.</exception>
    public bool Compiles(Mutation mutation)
    {
        ArgumentNullException.ThrowIfNull(mutation);
        (CSharpCompilation compilation, Dictionary<string, SyntaxTree> trees) = Project(mutation.File);
        SyntaxTree tree = trees[mutation.File];
        SyntaxTree changed = CSharpSyntaxTree.ParseText(mutation.Apply(mutation.File, tree.ToString()), Language, mutation.File);
        return Error(compilation.ReplaceSyntaxTree(tree, changed).GetSemanticModel(changed)) is null;
    }

    private static Diagnostic? Error(SemanticModel model) => model.GetDiagnostics().FirstOrDefault(static said => said.Severity == DiagnosticSeverity.Error);

    private (CSharpCompilation Compilation, Dictionary<string, SyntaxTree> Trees) Project(string file)
    {
        string folder = string.Join('/', file.Split('/')[..2]);
        if (_projects.TryGetValue(folder, out (CSharpCompilation Compilation, Dictionary<string, SyntaxTree> Trees) known))
        {
            return known;
        }

        string project = Directory.EnumerateFiles(Path.Combine(_repository, folder), "*.csproj").Single();
        string name = XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project);
        var trees = new Dictionary<string, SyntaxTree>(StringComparer.Ordinal);
        foreach (string source in EngineSources.In(_repository, folder))
        {
            trees.Add(source, CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(_repository, source)), Language, source));
        }

        var compilation = CSharpCompilation.Create(
            name,
            trees.Values,
            _references.Where(path => Path.GetFileNameWithoutExtension(path) != name).Select(static path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, checkOverflow: true, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 0));
        if (Error(compilation.GetSemanticModel(trees[file])) is { } error)
        {
            throw new InvalidDataException($"{name} does not compile in memory as it is: {error}");
        }

        known = (compilation, trees);
        _projects.Add(folder, known);
        return known;
    }
}
