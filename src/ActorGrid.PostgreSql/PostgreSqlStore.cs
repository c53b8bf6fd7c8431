using ActorGrid.Cluster;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>A grid in a PostgreSQL database, for any number of nodes on any number of hosts. One object is the connection of one node. Safe to use from any thread.</summary>
/// <remarks>
/// <para>Server: version 13 or later, <c>fsync</c> and <c>full_page_writes</c> on, a database in UTF8. The grid's sessions set <c>synchronous_commit</c>
/// to <c>on</c> where it is weaker. Settings are looked at again with each connection that is made. Between node and server there may be no pooler that shares sessions, since a session's lock says that its node is there.</para>
/// <para>Several hosts in the connection string: the primary is used, and <c>synchronous_standby_names</c> must be set (or
/// <see cref="PostgreSqlStoreOptions.AllowLossOnStoreFailover"/>). After a fail-over the owners of shards raise their fences anew.</para>
/// <para>Connections are made when they are needed and made anew when they broke. There are at most <see cref="PostgreSqlStoreOptions.WriterConnectionsMax"/> and
/// <see cref="PostgreSqlStoreOptions.ReaderConnectionsMax"/>, and 7 for fences, view, lease and snapshots, whatever the number of entities; and 4 for projections, if there are any.</para>
/// </remarks>
public sealed class PostgreSqlStore : ISharedStore
{
    private readonly string _connectionString;
    private readonly PostgreSqlStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<Migration> _migrations;
    private readonly string _server;
    private PostgreSqlJournal? _journal;
    private PostgreSqlClusterStore? _cluster;
    private PostgreSqlArchive? _archive;
    private Sessions? _sessions;
    private readonly Lock _gate = new();
    private int _isOpening;
    private bool _isDisposed;

    /// <summary>Makes a store; <see cref="OpenAsync"/> connects it.</summary>
    /// <param name="connectionString">As Npgsql takes it: <c>Host</c> (several with commas), <c>Username</c>, <c>Database</c> and so on. What the store needs for
    /// itself (pooling, timeouts, the search path) it sets itself.</param>
    /// <param name="options">The options; the defaults if left out.</param>
    /// <param name="time">The clock; the system's if left out.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read, or an option is out of its range; the message names it.</exception>
    public PostgreSqlStore(string connectionString, PostgreSqlStoreOptions? options = null, TimeProvider? time = null)
        : this(connectionString, options ?? new PostgreSqlStoreOptions(), time ?? TimeProvider.System, Migration.All)
    {
    }

    internal PostgreSqlStore(string connectionString, PostgreSqlStoreOptions options, TimeProvider time, IReadOnlyList<Migration> migrations)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        options.Check();
        _server = Sessions.NameOf(connectionString);
        (_connectionString, _options, _time, _migrations) = (connectionString, options, time, migrations);
    }

    /// <inheritdoc/>
    public IEventJournal Journal => _journal ?? throw NotOpen();

    /// <inheritdoc/>
    public ISnapshotStore Snapshots => _journal ?? throw NotOpen();

    /// <inheritdoc/>
    public ICursorStore Cursors => _journal ?? throw NotOpen();

    /// <inheritdoc/>
    public IGridArchive Archive => _archive ?? throw NotOpen();

    /// <inheritdoc/>
    public IClusterStore Cluster => _cluster ?? throw NotOpen();

    /// <summary>How long the server keeps the session of a node that it does not hear from (<see cref="PostgreSqlStoreOptions.SessionPatience"/>): a lease has to
    /// have run out by then.</summary>
    public TimeSpan SessionPatience => _options.SessionPatience;

    /// <summary>What it is and where, for logs; no user, no password.</summary>
    public override string ToString() => $"{_server}, schema '{_options.Schema}'";

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The store was opened before; make a new one.</exception>
    public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.Exchange(ref _isOpening, 1) != 0) throw new InvalidOperationException($"The store on {_server} was opened before: make a new one.");
        return Detached.Run(async () =>
        {
            await ConnectAsync(identity, cancellationToken);
            return true;
        });
    }

    /// <summary>Which grid a schema belongs to. It is only read.</summary>
    /// <exception cref="StoreException">The server cannot be reached, or there is no grid in the schema.</exception>
    internal static async Task<GridIdentity> ReadIdentityAsync(string connectionString, PostgreSqlStoreOptions options, CancellationToken cancellationToken)
    {
        string server = Sessions.NameOf(connectionString);
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return await new GridSchema(options, Migration.All, server).ReadIdentityAsync(connection, cancellationToken);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            throw ServerFault.Describe(e, server);
        }
    }

    /// <summary>Closes the connections; the lease of this node is no longer present then. Calls after that are errors.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            // From here on whoever opens finds it out when it is done, and closes what it has made itself.
            if (_isDisposed) return;
            _isDisposed = true;
        }
        if (_cluster is not null) await _cluster.DisposeAsync();
        if (_sessions is not null) await _sessions.DisposeAsync();
    }

    /// <summary>Runs the transaction of a projection.</summary>
    internal Task<bool> ProjectAsync(CursorMove move, Func<Npgsql.NpgsqlTransaction, CancellationToken, Task>? project, CancellationToken cancellationToken) =>
        (_journal ?? throw NotOpen()).ProjectAsync(move, project, cancellationToken);

    private async Task ConnectAsync(GridIdentity identity, CancellationToken cancellationToken)
    {
        string overrides;
        bool asksForReplica = Sessions.HasSeveralHosts(_connectionString) && !_options.AllowLossOnStoreFailover;
        try
        {
            // The schema may not be there yet, so this connection is not one to keep.
            await using var source = Sessions.NewSource(_connectionString, _options, 1, "", check: null);
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            overrides = await ServerSettings.CheckAsync(connection, asksForReplica, _server, cancellationToken);
            await new GridSchema(_options, _migrations, _server).OpenAsync(connection, identity, cancellationToken);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            throw ServerFault.Describe(e, _server);
        }
        var timeline = new Timeline();
        var sessions = new Sessions(_connectionString, _options, overrides, new SessionCheck(timeline, _server, asksForReplica));
        var contention = new Contention(sessions, _options, _time);
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _sessions = sessions;
                var journal = new PostgreSqlJournal(identity, sessions, _options, timeline, new Tails(), contention);
                _cluster = new PostgreSqlClusterStore(identity, sessions, _options, contention, journal.NewRehearsal(_time));
                _archive = new PostgreSqlArchive(identity, sessions);
                _journal = journal;
                return;
            }
        }
        await sessions.DisposeAsync();
        throw new ObjectDisposedException(nameof(PostgreSqlStore));
    }

    private InvalidOperationException NotOpen() => new($"The store on {_server} is not open: await OpenAsync first.");
}
