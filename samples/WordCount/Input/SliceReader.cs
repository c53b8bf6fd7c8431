using Microsoft.Win32.SafeHandles;

namespace WordCount;

/// <summary>
/// Reads slices of files block by block and counts their words into one table. One thread at a time; of no use after an error.
/// </summary>
public sealed class SliceReader(WordTable table)
{
    private const int BlockBytes = 256 * 1024;               // stays in the second-level cache between read and scan

    private readonly WordScanner _scanner = new(table);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BlockBytes);

    /// <summary>Counts the words that begin in the slice.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="progress">Is told the number of bytes after each block that was counted.</param>
    /// <param name="cancel">Ends it between two blocks.</param>
    /// <exception cref="InputException">The file is gone, unreadable, or not the one that the count began with.</exception>
    public void Count(FileSlice slice, Action<int>? progress = null, CancellationToken cancel = default)
    {
        try
        {
            using SafeFileHandle file = Open(slice.File.Path);
            Check(slice.File, file);
            Scan(slice, file, progress, cancel);
            Check(slice.File, file);                         // bytes written while we read would make the count a mixture
            table.Bytes += slice.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"Cannot read '{slice.File.Path}': {e.Message}", e);
        }
    }

    /// <summary>Makes sure that the file is still the one that the count began with.</summary>
    /// <exception cref="InputException">It is not, or it cannot be read.</exception>
    public static void Check(InputFile expected)
    {
        try
        {
            using SafeFileHandle file = Open(expected.Path);
            Check(expected, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"Cannot read '{expected.Path}': {e.Message}", e);
        }
    }

    /// <summary>Opens a file to read it while others may do with it what they like.</summary>
    internal static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private void Scan(FileSlice slice, SafeFileHandle file, Action<int>? progress, CancellationToken cancel)
    {
        long at = Begin(slice, file);
        while (at < slice.End)
        {
            cancel.ThrowIfCancellationRequested();
            int read = RandomAccess.Read(file, _buffer.AsSpan(0, (int)Math.Min(BlockBytes, slice.End - at)), at);
            if (read == 0)
                throw Changed(slice.File, $"it ended at byte {at}");
            _scanner.Scan(_buffer.AsSpan(0, read));
            at += read;
            progress?.Invoke(read);
        }

        // The last word may end beyond the slice: read on, in small steps, only while it does.
        while (_scanner.AwaitsMore)
        {
            int read = RandomAccess.Read(file, _buffer.AsSpan(0, WordTable.WordBytesMax), at);
            if (read == 0 || _scanner.ScanRestOfWord(_buffer.AsSpan(0, read)))
                break;
            at += read;
        }

        _scanner.End();
    }

    /// <summary>Gives the offset at which scanning begins.</summary>
    private long Begin(FileSlice slice, SafeFileHandle file)
    {
        if (slice.Offset == 0)
            return 0;
        int before = (int)Math.Min(SliceBorder.Reach, slice.Offset);
        Span<byte> around = stackalloc byte[before + SliceBorder.Reach];
        int read = RandomAccess.Read(file, around, slice.Offset - before);
        if (read < before)
            throw Changed(slice.File, $"it ended before byte {slice.Offset}");
        SliceBorder border = SliceBorder.Of(around[..before], around[before..read]);
        if (border.InsideWord)
            _scanner.DiscardFirst();
        return slice.Offset + border.Shift;
    }

    private static void Check(InputFile expected, SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        if (length != expected.Length)
            throw Changed(expected, $"it had {expected.Length} bytes and now has {length}");
        long modified = File.GetLastWriteTimeUtc(file).Ticks;
        if (modified != expected.ModifiedTicks)
            throw Changed(expected, $"it was written at {new DateTime(modified, DateTimeKind.Utc):yyyy-MM-dd HH:mm:ss.fff} UTC");
    }

    private static InputException Changed(InputFile file, string how) =>
        new($"'{file.Path}' changed since the count began: {how}. Count it again under a new job id.");
}
