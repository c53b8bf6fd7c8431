namespace ActorGrid.Architecture.Tests;

/// <summary>The floors: a project depends only on lower ones.</summary>
internal static class Floor
{
    /// <summary>The highest floor that a simulator runs, so that opens no socket and no file.</summary>
    public const int HighestSimulated = 3;

    private static readonly Dictionary<string, int> Table = new(StringComparer.Ordinal)
    {
        ["ActorGrid.Actors"] = 0,
        ["ActorGrid.Persistence"] = 1,
        ["ActorGrid.Cluster"] = 2,
        ["ActorGrid.Jobs"] = 3,
        ["ActorGrid.Sqlite"] = 4,
        ["ActorGrid.PostgreSql"] = 4,
        ["ActorGrid.Transport"] = 4,
        ["ActorGrid"] = 5,
        ["ActorGrid.Testing"] = 6,
        ["ActorGrid.Cli"] = 6,
    };

    public static bool IsKnown(string project) => Table.ContainsKey(project);

    public static int Of(string project) => Table[project];

    public static IEnumerable<string> Simulated =>
        Repository.SourceProjects.Where(p => IsKnown(p) && Of(p) <= HighestSimulated);
}
