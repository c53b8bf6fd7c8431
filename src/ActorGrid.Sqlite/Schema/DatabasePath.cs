namespace ActorGrid.Sqlite;

/// <summary>Where a database lies. SQLite follows a symbolic link and puts its log beside what it finds; the locks have to lie there too, or two that name the file
/// in different ways would not meet.</summary>
internal static class DatabasePath
{
    /// <summary>The full path of the file itself, be it there or not. A link that leads nowhere stays as it is: opening it says what is wrong.</summary>
    public static string Resolve(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            var file = new FileInfo(path);
            return file.LinkTarget is null ? path : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }
}
