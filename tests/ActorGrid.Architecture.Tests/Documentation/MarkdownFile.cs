using System.Text.RegularExpressions;

namespace ActorGrid.Architecture.Tests;

/// <summary>The documentation: Markdown at the root and below docs.</summary>
internal static partial class MarkdownFile
{
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.EnumerateFiles(Repository.Root, "*.md").Order(StringComparer.Ordinal), .. Repository.Files("docs", "*.md")];

    /// <summary>The targets of the links to other places in the repository: <c>path</c>, <c>path#heading</c> or <c>#heading</c>.</summary>
    public static IEnumerable<string> LocalLinks(string file) =>
        Link().Matches(WithoutCode(file)).Select(m => m.Groups["target"].Value).Where(t => !HasScheme().IsMatch(t));

    /// <summary>The anchors that GitHub makes from the headings.</summary>
    public static IReadOnlySet<string> Anchors(string file) =>
        Heading().Matches(WithoutCode(file))
            .Select(m => NotInAnchor().Replace(m.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))
            .ToHashSet(StringComparer.Ordinal);

    private static string WithoutCode(string file) => Code().Replace(File.ReadAllText(file).ReplaceLineEndings("\n"), "");

    [GeneratedRegex("""^```.*?^```""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("""\]\((?<target>[^)\s]+)[^)]*\)""")]
    private static partial Regex Link();

    [GeneratedRegex("^[a-z][a-z0-9+.-]*:")]
    private static partial Regex HasScheme();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
