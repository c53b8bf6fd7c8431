using System.Formats.Tar;

namespace WordCount;

/// <summary>
/// Tells files with bytes of their own from pipes and devices, which must not even be opened: that could wait for ever. The one part of
/// the framework that asks the system for the kind of a file without opening it is its archiver.
/// </summary>
internal static class FileKind
{
    /// <summary>Whether the file, which exists and is no link, is a regular one.</summary>
    public static bool IsRegular(FileInfo file)
    {
        // No pipe or device has a length; and the archiver would read what does.
        if (file.Length > 0)
            return true;
        using MemoryStream archive = new();
        try
        {
            using TarWriter writer = new(archive, leaveOpen: true);
            writer.WriteEntry(file.FullName, entryName: null);
        }
        catch (IOException)
        {
            return false;                                    // a socket, which has no place in an archive
        }

        archive.Position = 0;
        using TarReader reader = new(archive);
        return reader.GetNextEntry()?.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;
    }
}
