using System.Xml.Linq;

namespace ActorGrid.Architecture.Tests;

public sealed class FloorTests
{
    [Fact]
    public void Every_project_has_a_floor() => Violations.AssertNone(
        "A project in src has no floor: add it to Floor.cs and to CONTRIBUTING.md.",
        Repository.SourceProjects.Where(p => !Floor.IsKnown(p)));

    // Project files are read beside the compiled references, since the compiler leaves out a reference that nothing uses yet.
    [Fact]
    public void Project_files_refer_downwards() => Violations.AssertNone(
        "A project may refer only to lower floors.",
        from project in Repository.SourceProjects
        from reference in ProjectReferences(project)
        where !IsDownwards(project, reference)
        select Describe(project, reference));

    [Fact]
    public void Assemblies_refer_downwards() => Violations.AssertNone(
        "An assembly may refer only to lower floors.",
        from project in Repository.SourceProjects
        from reference in CompiledAssembly.Read(project).AssemblyReferences
        where Floor.IsKnown(reference) && !IsDownwards(project, reference)
        select Describe(project, reference));

    private static bool IsDownwards(string project, string reference) =>
        Floor.IsKnown(project) && Floor.IsKnown(reference) && Floor.Of(reference) < Floor.Of(project);

    private static string Describe(string project, string reference) => $"{NameWithFloor(project)} refers to {NameWithFloor(reference)}";

    private static string NameWithFloor(string project) =>
        Floor.IsKnown(project) ? $"{project} (floor {Floor.Of(project)})" : $"{project} (no floor)";

    private static IEnumerable<string> ProjectReferences(string project) =>
        XDocument.Load(Repository.PathOf($"src/{project}/{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
}
