using System.Globalization;
using SQLitePCL;

namespace ActorGrid.Sqlite;

/// <summary>What SQLite itself reported, before it is put into words for the caller.</summary>
internal sealed class SqliteFault(int extendedCode, string message) : Exception(message)
{
    /// <summary>The primary result code; the extended ones carry it in their lowest byte.</summary>
    public int Code => extendedCode & 0xFF;

    public int ExtendedCode => extendedCode;

    /// <summary>Says what happened to the file and what to do.</summary>
    public Persistence.StoreException Describe(string path)
    {
        string detail = string.Create(CultureInfo.InvariantCulture, $"(SQLite says: {Message}, code {ExtendedCode})");
        (string text, bool isTransient) = Code switch
        {
            raw.SQLITE_FULL => (
                $"The disk that holds '{path}' is full, or the file has reached its largest size. Free some space; the store goes on by itself then.", false),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (
                $"Another program holds a lock on '{path}' for too long. End it, or its transaction.", true),
            raw.SQLITE_NOTADB => ($"'{path}' is not a SQLite database. Name another file, or move this one away.", false),
            raw.SQLITE_CORRUPT => (
                $"'{path}' is damaged. Copy it away as it is, then restore a backup, "
                + "or save what can be read with the '.recover' command of the sqlite3 program.", false),
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => (
                $"'{path}' cannot be written. Give this process the right to write the file and its folder.", false),
            raw.SQLITE_CANTOPEN => (
                $"'{path}' cannot be opened. Check that this process may read and write the file and its folder.", false),
            raw.SQLITE_IOERR => ($"Reading or writing '{path}' failed. Check the disk and the system's log.", true),
            raw.SQLITE_NOMEM => ($"There was not enough memory to work on '{path}'.", true),
            _ => ($"SQLite refused a call on '{path}'.", false),
        };
        return new Persistence.StoreException($"{text} {detail}", isTransient, this);
    }
}
