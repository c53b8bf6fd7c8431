namespace WordCount;

/// <summary>Why a file or a folder could not be used, in words that say what to change.</summary>
internal static class FileFault
{
    private const int NoSpaceUnix = 28, NoSpaceWindows = unchecked((int)0x80070070);

    /// <summary>Whether it is the doing of the file system, not of the program.</summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>The reason why <paramref name="path"/> could not be written, without a stop.</summary>
    public static string Reason(Exception e, string path)
    {
        string parent = Path.GetDirectoryName(path) ?? path, existing = parent;
        while (!Path.Exists(existing) && Path.GetDirectoryName(existing) is { } above)
            existing = above;
        if (File.Exists(existing))
            return $"'{existing}' is a file, where a folder is needed";
        return e switch
        {
            _ when e.HResult is NoSpaceUnix or NoSpaceWindows => "the disk is full",
            UnauthorizedAccessException => Path.Exists(path)
                ? "this user may not write it"
                : $"this user may not write to '{existing}'",
            DirectoryNotFoundException when existing != parent => $"the folder '{parent}' does not exist",
            FileNotFoundException or DirectoryNotFoundException => $"'{existing}' takes no new files",
            _ => e.Message.TrimEnd('.'),
        };
    }
}
