namespace ActorGrid.Sqlite;

/// <summary>How a <see cref="SqliteStore"/> works on its file.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The file. It is made if it does not exist, and so is its folder. Beside it lie SQLite's <c>-wal</c> and <c>-shm</c>, <c>-lock</c>,
    /// and the folder <c>-nodes</c> if it was ever shared. Of a symbolic link, the file that it leads to counts.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Whether several processes of this host work on the file, as the nodes of a grid. False by default: one process has it for itself, which is faster. All that have it open at
    /// a time must agree; between, it may be changed.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>How long to wait for another program (such as a backup) that has locked the file, or for another process to end its turn to write. 5 seconds by default; from 0 to a day.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long opening may look for damage; a larger file is checked in part. 1 second by default; 0 leaves the look out.</summary>
    public TimeSpan OpenCheckTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After how many pages (of 4 KiB) in the write-ahead log they are moved to the file. 1,000 by default; from 1 to 1,000,000.
    /// More means fewer, longer pauses of the writer and a longer log.
    /// </summary>
    public int CheckpointPages { get; init; } = 1000;

    /// <summary>How many threads read beside the one that writes. 2 by default; from 1 to 64.</summary>
    public int ReaderCount { get; init; } = 2;

    /// <summary>How many runs are held in memory before they are moved to their tables. Where others wait for their turn, fewer at a time.</summary>
    internal int RunsMax { get => field > 0 ? field : IsShared ? 4_096 : 16_384; init; }

    /// <summary>Beyond how many bytes of a shared write-ahead log a writer waits for readers, to begin it anew.</summary>
    internal long LogBytesMax { get; init; } = 64 << 20;

    /// <summary>The most pages that the file may have, for tests of a full disk; 0 leaves it to SQLite.</summary>
    internal int PagesMax { get; init; }

    internal void Check()
    {
        CheckRange(nameof(Path), !string.IsNullOrEmpty(Path), "empty", "one character");
        CheckRange(nameof(BusyTimeout), BusyTimeout >= TimeSpan.Zero && BusyTimeout <= TimeSpan.FromDays(1), BusyTimeout, "0 to a day");
        CheckRange(nameof(OpenCheckTime), OpenCheckTime >= TimeSpan.Zero, OpenCheckTime, "0 on");
        CheckRange(nameof(CheckpointPages), CheckpointPages is >= 1 and <= 1_000_000, CheckpointPages, "1 to 1,000,000");
        CheckRange(nameof(ReaderCount), ReaderCount is >= 1 and <= 64, ReaderCount, "1 to 64");
    }

    private static void CheckRange(string name, bool isInRange, object value, string range)
    {
        if (!isInRange) throw new ArgumentException($"{nameof(SqliteStoreOptions)}.{name} is {value}; it must be from {range}.", nameof(value));
    }
}
