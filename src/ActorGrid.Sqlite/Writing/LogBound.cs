namespace ActorGrid.Sqlite;

/// <summary>Bounds the write-ahead log that processes share. SQLite moves it to the file every so many pages, but begins it anew only when it finds no reader on it; with
/// readers in every process it may find one for ever. Beyond the bound a writer waits for them within its turn, for a moment: new ones read the file alone.</summary>
internal sealed class LogBound(Database database, string path, SqliteStoreOptions options)
{
    /// <summary>How much the log may grow after a try that failed, before the next.</summary>
    private const long RetryBytes = 4 << 20;

    private readonly Statement _checkpoint = database.Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    private long _bytesMax = options.LogBytesMax;

    /// <summary>After a commit, within the turn.</summary>
    public void Keep()
    {
        var log = new FileInfo(path + "-wal");
        if (log is not { Exists: true, Length: var length } || length < _bytesMax) return;
        database.SetBusyTimeout(TimeSpan.FromMilliseconds(20));
        try
        {
            _checkpoint.Step();
            _checkpoint.Reset();
        }
        catch (SqliteFault)
        {
            // A reader stayed, or the disk is at fault, which the next commit meets again. What is committed stands in the log, which grows on; the next try comes when it has.
        }
        finally
        {
            database.SetBusyTimeout(options.BusyTimeout);
        }
        log.Refresh();
        _bytesMax = Math.Max(options.LogBytesMax, (log.Exists ? log.Length : 0) + RetryBytes);
    }
}
