using System.Text;
using SQLitePCL;

namespace ActorGrid.Sqlite;

/// <summary>A prepared statement that is used again and again: bind, step to the end, which resets it.</summary>
/// <remarks>
/// Parameters count from 1, columns from 0. What is bound stays bound when a statement is reset, so a number or a text that a parameter has already is not bound again: in the rows of one append
/// most are the same.
/// </remarks>
internal sealed class Statement(Database database, sqlite3_stmt handle) : IDisposable
{
    /// <summary>What each parameter has; null: something else than a number or a text, or nothing yet.</summary>
    private readonly (long? Number, string? Text)[] _bound = new (long?, string?)[raw.sqlite3_bind_parameter_count(handle) + 1];

    public Statement Bind(int index, long value)
    {
        if (_bound[index].Number == value) return this;
        database.Check(raw.sqlite3_bind_int64(handle, index, value));
        _bound[index] = (value, null);
        return this;
    }

    /// <summary>Binds bytes. SQLite copies them, so they may change once this has returned.</summary>
    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        // An empty span has no address, which SQLite would take for NULL.
        _bound[index] = default;
        database.Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, index, 0) : raw.sqlite3_bind_blob(handle, index, value));
        return this;
    }

    /// <summary>Binds text as UTF-8, with its length, so that it may hold any character.</summary>
    public Statement Bind(int index, string value)
    {
        // Neighbouring rows mostly have the same object.
        if (ReferenceEquals(_bound[index].Text, value)) return this;
        _bound[index] = default;
        if (value.Length == 0)
        {
            database.Check(raw.sqlite3_bind_text(handle, index, ""));
            return this;
        }
        int bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> buffer = bytesMax <= 1024 ? stackalloc byte[1024] : new byte[bytesMax];
        database.Check(raw.sqlite3_bind_text(handle, index, buffer[..Encoding.UTF8.GetBytes(value, buffer)]));
        _bound[index] = (null, value);
        return this;
    }

    public Statement Bind(int index, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(index, bytes);
    }

    /// <summary>Goes to the next row. At the end, or on an error, the statement is reset.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW) return true;
        var fault = code == raw.SQLITE_DONE ? null : database.Fault(code);
        Reset();
        return fault is null ? false : throw fault;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        if (Step()) throw new InvalidOperationException("The statement gives rows: step through them.");
    }

    /// <summary>Ends it before its last row was read. The code only repeats what the last step said.</summary>
    public void Reset() => _ = raw.sqlite3_reset(handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Number(int column) => raw.sqlite3_column_int64(handle, column);

    public Guid Guid(int column) => new(Bytes(column), bigEndian: true);

    /// <summary>The bytes of a blob or of a text, valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose() => handle.Dispose();
}
