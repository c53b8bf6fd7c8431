using System.Diagnostics;

namespace ActorGrid.Mutants;

/// <summary>A build of the simulation, and of some tests, from a copy of the source into which all bugs were planted, each behind a switch that is off unless the environment names it.
/// So the source itself knows nothing of them.</summary>
public sealed class MutatedBuild : IDisposable
{
    private const string Switch = """
        namespace ActorGrid;

        public static class PlantedBug
        {
            private static readonly string? Active = System.Environment.GetEnvironmentVariable("ACTORGRID_PLANTED_BUG");

            public static bool Is(string name) => Active == name;
        }
        """;

    /// <summary>A build, or the run of a mutant that is not found, takes a minute or two.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorgrid-mutants-");

    public MutatedBuild()
    {
        Copy("src");
        Copy("tests/ActorGrid.Simulation");
        // What the tests are made of.
        Copy("tests/ActorGrid.Conformance");
        string[] tests = [.. Catalog.All.Select(mutant => mutant.Finder).OfType<Tests>().Select(finder => finder.Project).Distinct(StringComparer.Ordinal).Except(["ActorGrid.Simulation"], StringComparer.Ordinal)];
        foreach (string project in tests) Copy($"tests/{project}");
        foreach (string file in Directory.EnumerateFiles(Repository.Root)) File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        File.Copy(Repository.File("tests/Directory.Build.props"), Path.Combine(_folder.FullName, "tests/Directory.Build.props"));
        File.WriteAllText(Path.Combine(_folder.FullName, "src/ActorGrid.Actors/PlantedBug.cs"), Switch);
        foreach (var place in Catalog.All.SelectMany(m => m.Changes, (mutant, change) => (mutant, change)).GroupBy(p => p.change)) Plant(place.Key, [.. place.Select(p => p.mutant)]);
        Build("ActorGrid.Simulation");
        foreach (string project in tests) Build(project);
    }

    /// <summary>Runs seeds with one bug switched on, or none.</summary>
    /// <returns>The exit code (0: no violation) and what was printed.</returns>
    public (int Code, string Output) Simulate(Mutant? mutant, int seeds) => Run(
        "dotnet", EnvironmentOf(mutant),
        Program("ActorGrid.Simulation"), "--seeds", seeds.ToString(System.Globalization.CultureInfo.InvariantCulture), "--from", "1");

    /// <summary>Runs tests with one bug switched on, or none.</summary>
    /// <returns>The exit code (0: all have passed; also if there are none) and what was printed.</returns>
    public (int Code, string Output) Test(Mutant? mutant, string project, IReadOnlyList<string> classes) => Run(
        "dotnet", EnvironmentOf(mutant), "test", Program(project), "--nologo", "--filter", string.Join('|', classes.Select(name => $"FullyQualifiedName~.{name}.")));

    public void Dispose() => _folder.Delete(recursive: true);

    private static KeyValuePair<string, string>? EnvironmentOf(Mutant? mutant) =>
        mutant is null ? null : new KeyValuePair<string, string>("ACTORGRID_PLANTED_BUG", mutant.Name);

    private string Program(string project) => Path.Combine(_folder.FullName, "tests", project, "bin/Release/net10.0", $"{project}.dll");

    private void Build(string project)
    {
        var (code, text) = Run(
            "dotnet", environment: null, "build", "-c", "Release", "--nologo", "-v", "q", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false",
            "-p:GenerateDocumentationFile=false", Path.Combine(_folder.FullName, "tests", project, $"{project}.csproj"));
        if (code != 0) throw new InvalidOperationException($"The source with the planted bugs does not compile:{Environment.NewLine}{text}");
    }

    private void Plant(Change change, IReadOnlyList<Mutant> mutants)
    {
        string path = Path.Combine(_folder.FullName, change.File);
        string text = File.ReadAllText(path);
        int at = text.IndexOf(change.Find, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(change.Find, at + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidOperationException(
                $"'{mutants[0].Name}' is to be planted in {change.File} where this stands, which is there {(at < 0 ? "no more" : "more than once")}: {change.Find}");
        }
        string isOn = $"({string.Join(" || ", mutants.Select(m => $"""global::ActorGrid.PlantedBug.Is("{m.Name}")"""))})";
        File.WriteAllText(path, string.Concat(text.AsSpan(0, at), change.Replace.Replace("@on", isOn, StringComparison.Ordinal), text.AsSpan(at + change.Find.Length)));
    }

    private void Copy(string folder)
    {
        string from = Repository.File(folder);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(Repository.Root, file);
            string[] parts = relative.Split(Path.DirectorySeparatorChar);
            if (parts.Contains("bin", StringComparer.Ordinal) || parts.Contains("obj", StringComparer.Ordinal)) continue;
            string to = Path.Combine(_folder.FullName, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    private static (int Code, string Output) Run(string program, KeyValuePair<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (environment is { } variable) start.Environment[variable.Key] = variable.Value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        var output = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) => { lock (output) output.AppendLine(line.Data); };
        process.ErrorDataReceived += (_, line) => { lock (output) output.AppendLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(FormattableString.Invariant($"'{program}' did not end within {Patience}."));
        }
        process.WaitForExit(); // also for the rest of its output
        lock (output) return (process.ExitCode, output.ToString());
    }
}
