namespace ActorGrid.Architecture.Tests;

public sealed class CompiledExampleTests
{
    [Fact]
    public void Readme_holds_a_program_that_is_compiled()
    {
        string readme = Repository.PathOf("README.md");
        Assert.True(File.Exists(readme), "README.md is missing at the root of the repository.");
        Assert.True(
            CodeBlock.In(readme).Any(),
            $"README.md has no C# block with {CodeBlock.Mark} on the line above: its smallest complete program has to be compiled.");
    }

    [Fact]
    public void Examples_compile() => Violations.AssertNone(
        "An example in the documentation does not compile as a program of its own.",
        MarkdownFile.All.SelectMany(CodeBlock.In).SelectMany(ProgramCompiler.Errors));

    [Fact]
    public void Every_mark_belongs_to_a_block() => Violations.AssertNone(
        $"{CodeBlock.Mark} has to stand on the line above a ```csharp block.",
        MarkdownFile.All.Where(f => CodeBlock.In(f).Count() != CodeBlock.MarksIn(f)).Select(Repository.Relative));

    // Shows that the test above can fail, and that the generator runs: without it, Default does not exist.
    [Theory]
    [InlineData("Console.WriteLine(Missing.Thing);", false)]
    [InlineData("""
        using System.Text.Json.Serialization;
        Console.WriteLine(NumberJson.Default.Int32.Type);
        [JsonSerializable(typeof(int))] public sealed partial class NumberJson : JsonSerializerContext;
        """, true)]
    public void The_compiler_tells_good_from_bad(string code, bool compiles) =>
        Assert.Equal(compiles, ProgramCompiler.Errors(new CodeBlock("Example.cs", code)).Count == 0);
}
