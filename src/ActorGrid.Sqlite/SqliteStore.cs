using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>A grid in a SQLite file, for one process. One thread writes and groups what has gathered into one commit; others read beside it.</summary>
/// <remarks>
/// <para>Every commit is on the disk before its caller hears of it (write-ahead log, <c>synchronous=FULL</c>).</para>
/// <para>For as long as it is open the store holds the operating system's lock on a file beside the database, so that a second process gets a
/// clear error; the lock of a killed process is free at once.</para>
/// </remarks>
public sealed class SqliteStore : IGridStore
{
    private const int WaitingMax = 100_000;

    private readonly DatabaseFile _file;
    private readonly SqliteStoreOptions _options;
    private readonly string _path;
    private readonly WorkQueue<WriteRequest> _writes = new(WaitingMax);
    private readonly WorkQueue<ReadRequest> _reads = new(WaitingMax);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private SqliteJournal? _journal;
    private bool _isOpening, _isDisposed;

    /// <summary>Makes a store over a file; <see cref="OpenAsync"/> opens it.</summary>
    /// <param name="path">The file. It is made if it does not exist, and so is its folder.</param>
    public SqliteStore(string path)
        : this(new SqliteStoreOptions { Path = path })
    {
    }

    /// <summary>Makes a store over a file; <see cref="OpenAsync"/> opens it.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public SqliteStore(SqliteStoreOptions options)
        : this(options, Migration.All)
    {
    }

    internal SqliteStore(SqliteStoreOptions options, IReadOnlyList<Migration> migrations)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
        _path = Path.GetFullPath(options.Path);
        _file = new DatabaseFile(options, migrations);
    }

    /// <inheritdoc/>
    public IEventJournal Journal => OpenJournal;

    /// <summary>What it is and where, for logs.</summary>
    public override string ToString() => $"the SQLite file {_path}";

    /// <inheritdoc/>
    public ISnapshotStore Snapshots => OpenJournal;

    private SqliteJournal OpenJournal =>
        _journal ?? throw new InvalidOperationException($"The store of '{_path}' is not open: await OpenAsync first.");

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The store was opened before; make a new one.</exception>
    public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_isOpening) throw new InvalidOperationException($"The store of '{_path}' was opened before: make a new one.");
            _isOpening = true;
            var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Start("writer", () => Work(identity, opened));
            return opened.Task;
        }
    }

    /// <summary>Finishes what was asked for, moves the log into the file and closes it. Calls after that are errors.</summary>
    /// <exception cref="StoreException">The log could not be moved into the file. Nothing is lost: the next opening finds it.</exception>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (!_isOpening) _closed.TrySetResult();
        }
        _writes.Close();
        _reads.Close();
        return new ValueTask(_closed.Task);
    }

    /// <summary>The life of the writer's thread, which opens the file, and closes it when the readers have ended.</summary>
    private void Work(GridIdentity identity, TaskCompletionSource opened)
    {
        try
        {
            using (FileLock.Acquire(_path))
            using (var database = _file.Open(identity)) Serve(identity, database, opened);
            _closed.SetResult();
        }
        catch (Exception e)
        {
            // Whoever opens the store hears of it, or else whoever disposes it.
            var error = e is SqliteFault fault ? fault.Describe(_path) : e;
            if (opened.TrySetException(error)) _closed.SetResult();
            else _closed.SetException(error);
        }
    }

    private void Serve(GridIdentity identity, Database database, TaskCompletionSource opened)
    {
        var runs = new PendingRuns();
        var loop = new WriterLoop(database, new JournalWriter(database, runs), _writes, _path);
        var connections = new List<Database>();
        var readers = new List<Thread>();
        try
        {
            for (int i = 0; i < _options.ReaderCount; i++)
            {
                connections.Add(_file.OpenReader());
                var reader = new JournalReader(connections[i], runs);
                readers.Add(Start($"reader {i}", () => Read(reader)));
            }
            _journal = new SqliteJournal(identity, _writes, _reads);
            opened.SetResult();
            loop.Run();
        }
        finally
        {
            _reads.Close();
            foreach (var reader in readers) reader.Join();
            foreach (var connection in connections) connection.Dispose();
        }
        loop.Finish();
    }

    private void Read(JournalReader reader)
    {
        var requests = new List<ReadRequest>();
        while (_reads.Take(requests, static _ => 1, 1)) requests[0].Execute(reader, _path);
    }

    private Thread Start(string role, Action body)
    {
        var thread = new Thread(() => body()) { IsBackground = true, Name = $"sqlite {role} of {Path.GetFileName(_path)}" };
        thread.Start();
        return thread;
    }
}
