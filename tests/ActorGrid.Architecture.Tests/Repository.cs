using System.Runtime.CompilerServices;

namespace ActorGrid.Architecture.Tests;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs =
        [".git", ".vs", ".idea", "bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    /// <summary>The names of the projects in src, which are those of their assemblies.</summary>
    public static IReadOnlyList<string> SourceProjects { get; } =
        [.. Files("src", "*.csproj").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>The files below a folder that people wrote, in a stable order.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var directory = new DirectoryInfo(PathOf(folder));
        if (!directory.Exists) return [];
        return Walk(directory, pattern).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Walk(DirectoryInfo directory, string pattern)
    {
        foreach (FileInfo file in directory.EnumerateFiles(pattern)) yield return file.FullName;
        foreach (DirectoryInfo child in directory.EnumerateDirectories())
        {
            if (NotOurs.Contains(child.Name, StringComparer.Ordinal)) continue;
            foreach (string file in Walk(child, pattern)) yield return file;
        }
    }

    // The build may run elsewhere than the test, so the path of this source file is only the second place to look from.
    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        foreach (string start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(thisFile)! })
        {
            for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
                if (File.Exists(Path.Combine(directory.FullName, "ActorGrid.sln"))) return directory.FullName;
        }
        throw new InvalidOperationException("No ActorGrid.sln above the test: run the tests from a working tree of the repository.");
    }
}
