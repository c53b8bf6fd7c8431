using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>A grid in a SQLite file, for one process or for several of one host. One thread writes and groups what has gathered into one commit; others read
/// beside it.</summary>
/// <remarks>
/// <para>Every commit of the journal is on the disk before its caller hears of it (write-ahead log, <c>synchronous=FULL</c>).</para>
/// <para>For as long as it is open the store holds the operating system's lock on a file beside the database, so that a second process gets a
/// clear error; the lock of a killed process is free at once.</para>
/// <para>Where several share it (<see cref="SqliteStoreOptions.IsShared"/>), one object is one node's connection. They take turns to write, in which the view and the
/// leases go first. A process that is stopped within its turn (not killed) holds up the writing of all others until it goes on or is killed.</para>
/// </remarks>
public sealed class SqliteStore : ISharedStore
{
    private const int WaitingMax = 100_000, ClusterWaitingMax = 10_000;

    private readonly DatabaseFile _file;
    private readonly SqliteStoreOptions _options;
    private readonly string _path;
    private readonly WorkQueue<WriteRequest> _writes = new(WaitingMax);
    private readonly WorkQueue<ReadRequest> _reads = new(WaitingMax);
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously), _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly WorkQueue<ClusterRequest> _clusterRequests = new(ClusterWaitingMax);
    private SqliteJournal? _journal;
    private SqliteClusterStore? _cluster;
    private SqliteArchive? _archive;
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
        _path = DatabasePath.Resolve(options.Path);
        _options = options with { Path = _path };
        _file = new DatabaseFile(_options, migrations);
    }

    /// <inheritdoc/>
    public IEventJournal Journal => OpenJournal;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The store is not open, or is not shared.</exception>
    public IClusterStore Cluster => _options.IsShared
        ? _cluster ?? throw NotOpen()
        : throw new InvalidOperationException($"'{_path}' is opened for one process, so there is no cluster: set {nameof(SqliteStoreOptions)}.{nameof(SqliteStoreOptions.IsShared)}.");

    /// <summary>What it is and where, with the version of the native library and a word of care if that has a known fault, for logs.</summary>
    public override string ToString()
    {
        string care = LibraryVersion.NeedsTurns(LibraryVersion.Current) ? "; no other program may write the file while it is open, see docs/SEMANTICS.md" : "";
        return $"the SQLite file {_path} (SQLite {LibraryVersion.Describe(LibraryVersion.Current)}{care})";
    }

    /// <inheritdoc/>
    public ISnapshotStore Snapshots => OpenJournal;

    /// <inheritdoc/>
    public ICursorStore Cursors => OpenJournal;

    /// <inheritdoc/>
    public IGridArchive Archive => _archive ?? throw NotOpen();

    /// <summary>Which grid a file belongs to. It is only read, and whoever has it open goes on.</summary>
    /// <exception cref="StoreException">There is no such file, or it is not one of a grid.</exception>
    internal static GridIdentity ReadIdentity(string path)
    {
        path = DatabasePath.Resolve(path);
        if (!File.Exists(path)) throw new StoreException($"'{path}' does not exist: name the file of a grid.", isTransient: false);
        try
        {
            using var database = Database.Open(path, readOnly: true, TimeSpan.FromSeconds(5));
            if (database.ReadNumber("PRAGMA application_id") is not DatabaseFile.ApplicationId) throw new StoreException($"'{path}' is not the file of a grid.", isTransient: false);
            string name = database.ReadText("SELECT value FROM meta WHERE key = 'grid'")!;
            return new GridIdentity(name, int.Parse(database.ReadText("SELECT value FROM meta WHERE key = 'shards'")!, System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (SqliteFault fault)
        {
            throw fault.Describe(path);
        }
    }

    private SqliteJournal OpenJournal => _journal ?? throw NotOpen();

    /// <summary>Runs the transaction of a projection.</summary>
    internal Task<bool> ProjectAsync(CursorMove move, Action<Microsoft.Data.Sqlite.SqliteTransaction>? project, CancellationToken cancellationToken) =>
        OpenJournal.ProjectAsync(move, project, cancellationToken);

    private InvalidOperationException NotOpen() => new($"The store of '{_path}' is not open: await OpenAsync first.");

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

    /// <summary>Finishes what was asked for, but waits for no more rows of an archive; moves the log into the file and closes it. Calls after that are errors.</summary>
    /// <exception cref="StoreException">The log could not be moved into the file. Nothing is lost: the next opening finds it.</exception>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (!_isOpening) _closed.TrySetResult();
        }
        _closing.TrySetResult();
        _writes.Close();
        _reads.Close();
        _clusterRequests.Close();
        return new ValueTask(_closed.Task);
    }

    /// <summary>The life of the writer's thread, which opens the file, and closes it when the readers have ended.</summary>
    private void Work(GridIdentity identity, TaskCompletionSource opened)
    {
        try
        {
            using (FileLock.Acquire(_path, _options.IsShared)) OpenAndServe(identity, opened);
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

    private void OpenAndServe(GridIdentity identity, TaskCompletionSource opened)
    {
        bool isShared = _options.IsShared;
        bool isNew = _file.Look(identity);
        if (isShared) Directory.CreateDirectory(Presence.FolderOf(_path));
        using var turn = isShared ? new TurnTaker(_path, isUrgent: false, _options.BusyTimeout) : null;
        turn?.Take();
        using var database = _file.Open(identity, isNew);
        turn?.Leave();
        Serve(identity, database, turn, opened);
    }

    private void Serve(GridIdentity identity, Database database, TurnTaker? turn, TaskCompletionSource opened)
    {
        var runs = new PendingRuns();
        bool isShared = turn is not null;
        var projector = new Projector(_path, _options);
        var loop = new WriterLoop(
            database, new JournalWriter(database, runs, _options), _writes, turn, isShared ? new LogBound(database, _path, _options) : null, projector, _path);
        var connections = new List<Database>();
        var threads = new List<Thread>();
        using var cluster = isShared ? new ClusterConnection(_file, identity, _clusterRequests, _options) : null;
        try
        {
            for (int i = 0; i < _options.ReaderCount; i++)
            {
                connections.Add(_file.OpenReader());
                var reader = new JournalReader(connections[^1], runs, isShared);
                threads.Add(Start($"reader {i}", () => Read(reader)));
            }
            if (cluster is not null) threads.Add(Start("cluster", cluster.Run));
            _cluster = new SqliteClusterStore(_clusterRequests, _path);
            _archive = new SqliteArchive(_file, identity, _writes, _reads, _closing.Task);
            _journal = new SqliteJournal(identity, _writes, _reads);
            opened.SetResult();
            loop.Run();
        }
        finally
        {
            _reads.Close();
            _clusterRequests.Close();
            foreach (var thread in threads) thread.Join();
            foreach (var connection in connections) connection.Dispose();
        }
        try
        {
            turn?.Take();
        }
        catch (SqliteFault fault) when (fault.Code == SQLitePCL.raw.SQLITE_BUSY)
        {
            // Whoever keeps the turn has the file open, so this is not the last to close it and has nothing to finish.
            projector.Dispose();
            return;
        }
        projector.Dispose();
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
