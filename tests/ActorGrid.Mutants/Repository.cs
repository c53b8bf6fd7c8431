namespace ActorGrid.Mutants;

/// <summary>Where the source lies.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string File(string relative) => Path.Combine(Root, relative);

    private static string Find(string? folder)
    {
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder, "ActorGrid.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run below the repository: ActorGrid.sln was not found.");
    }
}
