using SQLitePCL;

namespace ActorGrid.Sqlite;

/// <summary>A connection to a SQLite file. Used by one thread at a time.</summary>
internal sealed class Database : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly List<Statement> _statements = [];

    static Database() => Batteries_V2.Init();

    private Database(sqlite3 handle) => _handle = handle;

    /// <summary>The version of the native library, as one number.</summary>
    public static int LibraryVersion => raw.sqlite3_libversion_number();

    /// <summary>For what is set on a connection beside its statements.</summary>
    public sqlite3 Handle => _handle;

    /// <summary>Whether a transaction is open; some errors end it on their own.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    public long LastInsertRowId => raw.sqlite3_last_insert_rowid(_handle);

    /// <summary>SQLite falls back to reading only when the file cannot be opened for writing.</summary>
    public bool IsReadOnly => raw.sqlite3_db_readonly(_handle, "main") == 1;

    public static Database Open(string path, bool readOnly, TimeSpan busyTimeout)
    {
        int flags = readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE;
        int code = raw.sqlite3_open_v2(path, out var handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new Database(handle);
        if (code != raw.SQLITE_OK)
        {
            using (database) throw database.Fault(code);
        }
        _ = raw.sqlite3_extended_result_codes(handle, 1);
        database.SetBusyTimeout(busyTimeout);
        return database;
    }

    /// <summary>How long a statement waits for a lock of another connection.</summary>
    public void SetBusyTimeout(TimeSpan timeout) => _ = raw.sqlite3_busy_timeout(_handle, (int)timeout.TotalMilliseconds);

    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        var statement = new Statement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>The first column of the first row as a number, or null if there is no row.</summary>
    public long? ReadNumber(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Number(0) : null;
    }

    /// <summary>The first column of the first row as text, or null if there is no row.</summary>
    public string? ReadText(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>Ends a transaction without a trace, if there is one.</summary>
    public void Rollback()
    {
        if (InTransaction) Execute("ROLLBACK");
    }

    /// <summary>Lets running statements be interrupted while <paramref name="isOver"/> says so.</summary>
    public void InterruptWhen(Func<bool> isOver) => raw.sqlite3_progress_handler(_handle, 1000, _ => isOver() ? 1 : 0, null);

    public void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw Fault(code);
    }

    public SqliteFault Fault(int code)
    {
        int extended = raw.sqlite3_extended_errcode(_handle);
        return new SqliteFault((extended & 0xFF) == (code & 0xFF) ? extended : code, raw.sqlite3_errmsg(_handle).utf8_to_string());
    }

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _handle.Dispose();
    }
}
