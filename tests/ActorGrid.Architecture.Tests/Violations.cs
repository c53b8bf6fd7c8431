namespace ActorGrid.Architecture.Tests;

/// <summary>Fails a test with everything that breaks its rule, not with the first.</summary>
internal static class Violations
{
    public static void AssertNone(string rule, IEnumerable<string> violations)
    {
        string[] found = [.. violations];
        Assert.True(found.Length == 0, $"{rule}\n  {string.Join("\n  ", found)}");
    }
}
