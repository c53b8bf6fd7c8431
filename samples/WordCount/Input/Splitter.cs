namespace WordCount;

/// <summary>What is counted in one go: one slice of a big file, or several small files.</summary>
public sealed record InputPart(IReadOnlyList<FileSlice> Slices)
{
    /// <summary>The bytes of all slices.</summary>
    public long Length => Slices.Sum(slice => slice.Length);
}

/// <summary>
/// Cuts the input into parts of about equal size, by lengths alone: nothing is read, since <see cref="SliceReader"/> moves the borders
/// to words. The same files give the same parts.
/// </summary>
public static class Splitter
{
    /// <summary>The smallest share of the input that is worth a part of its own.</summary>
    public const long PartBytesMin = 4 << 20;

    /// <summary>Bounds what is lost when a part is interrupted.</summary>
    public const long PartBytesMax = 64 << 20;

    /// <summary>Bounds the record of a part, whatever its files.</summary>
    public const int SlicesMax = 512;

    private const int PartsWanted = 32;                      // enough for an even load and a steady progress; each has a table that is stored and merged

    /// <summary>Empty files are in no part.</summary>
    public static IReadOnlyList<InputPart> Split(IEnumerable<InputFile> files)
    {
        IReadOnlyCollection<InputFile> all = files as IReadOnlyCollection<InputFile> ?? [.. files];
        return Split(all, Math.Clamp(all.Sum(file => file.Length) / PartsWanted, PartBytesMin, PartBytesMax));
    }

    /// <summary>Cuts into parts of up to <paramref name="partBytes"/>.</summary>
    public static IReadOnlyList<InputPart> Split(IEnumerable<InputFile> files, long partBytes)
    {
        List<InputPart> parts = [];
        List<FileSlice> part = [];
        long room = partBytes;
        foreach (InputFile file in files)
        {
            for (long at = 0; at < file.Length;)
            {
                FileSlice slice = new(file, at, Math.Min(room, file.Length - at));
                part.Add(slice);
                at += slice.Length;
                room -= slice.Length;
                if (room == 0 || part.Count == SlicesMax)
                    Close();
            }
        }

        if (part.Count > 0)
            Close();
        return parts;

        void Close()
        {
            parts.Add(new([.. part]));
            part.Clear();
            room = partBytes;
        }
    }
}
