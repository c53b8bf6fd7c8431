namespace WordCount;

/// <summary>A file as it was when the count began: one whose length or time of change differs later is another file.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Length">In bytes.</param>
/// <param name="ModifiedTicks">When it was last written, in <see cref="DateTime.Ticks"/> of UTC.</param>
public sealed record InputFile(string Path, long Length, long ModifiedTicks);

/// <summary>A range of a file. Every word belongs to the slice in which its first byte is, even if it ends beyond.</summary>
public sealed record FileSlice(InputFile File, long Offset, long Length)
{
    /// <summary>The first offset behind it.</summary>
    public long End => Offset + Length;
}
