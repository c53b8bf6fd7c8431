using System.Text.RegularExpressions;

namespace ActorGrid.Architecture.Tests;

/// <summary>A C# block of a Markdown file that is marked as compiled.</summary>
/// <param name="Source">The file that it stands in.</param>
/// <param name="Code">The code, preceded by empty lines so that its line numbers are those of the file.</param>
/// <param name="With">The folder whose C# files are compiled with it: of the mark <c>compiled with FOLDER</c>; null: none.</param>
internal sealed partial record CodeBlock(string Source, string Code, string? With = null)
{
    public const string Mark = "<!-- compiled -->";

    public static IEnumerable<CodeBlock> In(string file)
    {
        string text = File.ReadAllText(file).ReplaceLineEndings("\n");
        foreach (Match match in Marked().Matches(text))
        {
            Group code = match.Groups["code"];
            int linesBefore = text.AsSpan(0, code.Index).Count('\n');
            yield return new CodeBlock(Repository.Relative(file), new string('\n', linesBefore) + code.Value, match.Groups["with"] is { Success: true } with ? with.Value : null);
        }
    }

    /// <summary>How often the mark occurs, to find a mark whose block is not one.</summary>
    public static int MarksIn(string file) => Regex.Count(File.ReadAllText(file), "^<!-- compiled\\b", RegexOptions.Multiline);

    [GeneratedRegex("""^<!-- compiled(?: with (?<with>[\w./-]+))? -->\n+```csharp\n(?<code>.*?)^```""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Marked();
}
