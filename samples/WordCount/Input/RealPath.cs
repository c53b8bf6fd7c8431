namespace WordCount;

/// <summary>Where a path leads when every symbolic link on its way is followed.</summary>
internal static class RealPath
{
    /// <summary>The same for a link; null if it leads to nothing, or in a circle.</summary>
    public static string? OfExisting(string link)
    {
        try
        {
            return Of(link) is var real && Path.Exists(real) ? real : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The full path without any link in it; what does not exist is no link.</summary>
    /// <exception cref="IOException">Too many links, one leading to the other.</exception>
    public static string Of(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        string real = Path.Join(Of(parent), Path.GetFileName(full));
        // The final target still may have links among its folders; each round leaves fewer, and a circle of links is refused by the system.
        return new FileInfo(real).LinkTarget is null ? real : Of(File.ResolveLinkTarget(real, returnFinalTarget: true)!.FullName);
    }
}
