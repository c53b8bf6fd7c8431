using System.Reflection;

namespace ActorGrid.Architecture.Tests;

/// <summary>The public API is held against approved text, so that a change of it is seen in review.</summary>
public sealed class PublicApiTests
{
    private const string Approve = "ACTORGRID_APPROVE";
    private const string Folder = "tests/ActorGrid.Architecture.Tests/Approved";

    public static TheoryData<string> Projects => [.. Repository.SourceProjects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Api_is_as_approved(string project)
    {
        string path = Repository.PathOf($"{Folder}/{project}.txt");
        string actual = ApiText.Of(Assembly.Load(project).GetTypes());
        if (Environment.GetEnvironmentVariable(Approve) == "1") File.WriteAllText(path, actual);

        string approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (string.Equals(approved, actual, StringComparison.Ordinal)) return;
        Assert.Fail(
            $"""
            The public API of {project} is not what {Folder}/{project}.txt says (- approved, + now):

            {LineDiff.Of(approved, actual)}
            If the change is meant, approve it and commit the file:
              {Approve}=1 dotnet test -c Release tests/ActorGrid.Architecture.Tests
            """);
    }

    [Fact]
    public void Every_approved_file_has_its_project() => Violations.AssertNone(
        "An approved file has no project in src: delete it.",
        Repository.Files(Folder, "*.txt")
            .Where(f => !Repository.SourceProjects.Contains(Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal))
            .Select(Repository.Relative));
}
