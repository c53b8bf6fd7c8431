namespace ActorGrid.Architecture.Tests;

public sealed class LinkTests
{
    [Fact]
    public void Links_lead_somewhere() => Violations.AssertNone(
        "A link in the documentation leads nowhere.",
        from file in MarkdownFile.All
        from link in MarkdownFile.LocalLinks(file)
        where !Exists(file, link)
        select $"{Repository.Relative(file)}: {link}");

    private static bool Exists(string file, string link)
    {
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, Uri.UnescapeDataString(parts[0]));
        if (!File.Exists(target)) return parts.Length == 1 && Directory.Exists(target);
        return parts.Length == 1 || !target.EndsWith(".md", StringComparison.Ordinal) || MarkdownFile.Anchors(target).Contains(parts[1]);
    }
}
