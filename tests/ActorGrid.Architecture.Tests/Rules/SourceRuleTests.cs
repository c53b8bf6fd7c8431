using System.Text.RegularExpressions;

namespace ActorGrid.Architecture.Tests;

/// <summary>Rules of the repository that no analyzer holds.</summary>
public sealed class SourceRuleTests
{
    private const int LinesMax = 400;

    [Fact]
    public void Source_files_are_short() => Violations.AssertNone(
        $"A file in src has more than {LinesMax} lines: one idea a file.",
        from file in Repository.Files("src", "*.cs")
        let lines = File.ReadLines(file).Count()
        where lines > LinesMax
        select $"{Repository.Relative(file)}: {lines} lines");

    [Fact]
    public void Source_is_finished() => AssertNoMatch(
        "src holds nothing unfinished.", Repository.Files("src", "*.cs"), @"\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b");

    [Fact]
    public void Nothing_is_swallowed_or_left_alone() => AssertNoMatch(
        "src swallows no exception and has no async void.",
        Repository.Files("src", "*.cs"),
        @"\bcatch\b\s*(\([^)]*\))?\s*(when\s*\([^{]*\))?\s*\{\s*\}|\basync\s+void\b");

    // A delay by the clock of a simulation is virtual.
    [Fact]
    public void Tests_do_not_sleep() => AssertNoMatch(
        "A test waits for a signal, with a bound (WaitAsync), or advances a manual clock; it does not sleep.",
        Repository.Files("tests", "*.cs"),
        @"\bThread\.Sleep\b|\bTask\.Delay\b(?!\([^;]*\.Time\b)|\bSpinWait\.SpinUntil\b");

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Repository.PathOf("ActorGrid.sln")).Replace('\\', '/');
        Violations.AssertNone(
            "A project is not in ActorGrid.sln: dotnet sln add it.",
            Repository.Files(".", "*.csproj").Select(Repository.Relative)
                .Where(p => !solution.Contains($"\"{p}\"", StringComparison.Ordinal)));
    }

    // A path below someone's home works on one machine only. The lookbehind lets pass addresses and paths that merely contain such a part.
    [Fact]
    public void No_path_of_one_machine() => AssertNoMatch(
        "A file names a path of one machine.",
        Repository.Files(".", "*").Where(f => Path.GetExtension(f) is not (".png" or ".snk" or ".gz") && Path.GetFileName(f) != ".git"),
        @"(?<![\w.:/}-])/(home|root|Users|work)/\w|\b[A-Z]:\\Users\\");

    private static void AssertNoMatch(string rule, IEnumerable<string> files, string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.Compiled | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));
        Violations.AssertNone(rule, files.SelectMany(file => Matches(file, regex)));
    }

    private static IEnumerable<string> Matches(string file, Regex regex)
    {
        string text = File.ReadAllText(file);
        foreach (Match match in regex.Matches(text))
            yield return $"{Repository.Relative(file)}({text.AsSpan(0, match.Index).Count('\n') + 1}): {match.Value.ReplaceLineEndings(" ")}";
    }
}
