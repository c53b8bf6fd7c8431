using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ActorGrid.Architecture.Tests;

/// <summary>Compiles a program, or without statements of its own a library, as the SDK would: implicit usings, nullable, and the generator of System.Text.Json.</summary>
internal static class ProgramCompiler
{
    private const string ImplicitUsings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Net.Http;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest);

    // What the test itself runs on: the frameworks and every assembly of src.
    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(path => MetadataReference.CreateFromFile(path))]);

    /// <summary>The errors, as the compiler prints them; warnings are let pass.</summary>
    public static IReadOnlyList<string> Errors(CodeBlock block)
    {
        var code = Parse(block.Code, block.Source);
        bool isProgram = code.GetCompilationUnitRoot().Members.Any(member => member is GlobalStatementSyntax);
        var others = block.With is null ? [] : Repository.Files(block.With, "*.cs").Select(file => Parse(File.ReadAllText(file), Repository.Relative(file))).ToList();
        if (block.With is not null && others.Count == 0) return [$"{block.Source}: there is no C# file in {block.With}."];
        Compilation program = CSharpCompilation.Create(
            "Program",
            [Parse(ImplicitUsings, "GlobalUsings.cs"), code, .. others],
            References.Value,
            new CSharpCompilationOptions(
                isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

        CSharpGeneratorDriver.Create(JsonGenerators(), parseOptions: ParseOptions)
            .RunGeneratorsAndUpdateCompilation(program, out program, out var fromGenerators);

        using var assembly = new MemoryStream();
        return [.. program.Emit(assembly).Diagnostics.Concat(fromGenerators)
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => d.ToString())];
    }

    private static CSharpSyntaxTree Parse(string code, string path) =>
        (CSharpSyntaxTree)CSharpSyntaxTree.ParseText(SourceText.From(code, Encoding.UTF8), ParseOptions, path);

    private static IEnumerable<ISourceGenerator> JsonGenerators()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "generators", "System.Text.Json.SourceGeneration.dll");
        Assert.True(File.Exists(path), $"The build did not copy the generator of System.Text.Json to {path}.");
        foreach (Type type in Assembly.LoadFrom(path).GetTypes())
        {
            if (type.IsAbstract || type.GetCustomAttribute<GeneratorAttribute>() is null) continue;
            yield return Activator.CreateInstance(type) switch
            {
                IIncrementalGenerator generator => generator.AsSourceGenerator(),
                ISourceGenerator generator => generator,
                _ => throw new InvalidOperationException($"{type} is marked as a generator and is none."),
            };
        }
    }
}
