using System.Globalization;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>All sessions of a store, whose number is bounded: what appends never waits for what reads, nor a fence for either.</summary>
internal sealed class Sessions : IAsyncDisposable
{
    /// <summary>Fences and the cluster's rows are few; a second session is for a call beside one that waits.</summary>
    private const int ControlMax = 2;

    /// <summary>A call ends who blocks it long before this; then the server must not keep it waiting for nobody.</summary>
    public static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Transactions of projections at once.</summary>
    private const int ProjectionsMax = 4;

    private readonly List<SessionPool> _pools = [];
    /// <summary>A statement over a whole table takes as long as it takes; keep-alives tell whether the server is there.</summary>
    private static readonly TimeSpan ArchiveTimeout = TimeSpan.FromHours(24);

    /// <summary>How long a transaction over all rows may do nothing.</summary>
    private static readonly TimeSpan ArchiveIdle = TimeSpan.FromHours(1);

    private readonly NpgsqlDataSource _leaseSource, _archiveSource;
    private readonly PostgreSqlStoreOptions _options;
    private readonly string _connectionString;
    private readonly string _overrides;
    private readonly SessionCheck _check;

    /// <summary>Makes the pools; nothing is connected yet.</summary>
    /// <param name="connectionString">As the user gave it.</param>
    /// <param name="options">The options.</param>
    /// <param name="overrides">Settings that the server's own are too weak for.</param>
    /// <param name="check">Looks at each new connection.</param>
    public Sessions(string connectionString, PostgreSqlStoreOptions options, string overrides, SessionCheck check)
    {
        (_connectionString, _options, _overrides, _check) = (connectionString, options, overrides, check);
        Server = NameOf(connectionString);
        Writers = Make(options.WriterConnectionsMax);
        Readers = Make(options.ReaderConnectionsMax);
        Contenders = Make(ControlMax, "-c lock_timeout=" + Milliseconds(LockTimeout));
        Control = Make(ControlMax);
        Background = Make(ControlMax);
        // These are the user's: they see what he sees, and are planned for his tables.
        string? path = new NpgsqlConnectionStringBuilder(connectionString).SearchPath;
        Projections = Make(ProjectionsMax, "-c plan_cache_mode=auto -c enable_seqscan=on", path ?? "", isOfUsers: true);
        // Not pooled: closing it has to end the session, and with it its locks.
        _leaseSource = NewSource(connectionString, options, sessionsMax: 0, overrides, check);
        // The rows may come, or be taken, slowly. One of whom nothing is heard for an hour is gone: the locks of a write and the snapshot of a read must not be kept for ever.
        _archiveSource = NewSource(
            connectionString, options with { CommandTimeout = ArchiveTimeout }, sessionsMax: 0, $"{overrides} -c statement_timeout=0 -c idle_in_transaction_session_timeout={Milliseconds(ArchiveIdle)} -c tcp_user_timeout=0", check);
    }

    /// <summary>The server, as messages name it.</summary>
    public string Server { get; }

    public SessionPool Writers { get; }

    public SessionPool Readers { get; }

    /// <summary>For raising fences and changing the view: the only sessions that wait for others to let go of a row for long.</summary>
    public SessionPool Contenders { get; }

    /// <summary>For reading view and leases, and for ending who blocks a contender: all of them short, and nothing else keeps them waiting.</summary>
    public SessionPool Control { get; }

    /// <summary>For snapshots and what is forgotten: large, and never urgent.</summary>
    public SessionPool Background { get; }

    /// <summary>For the transactions of projections, which take as long as the user's code does.</summary>
    public SessionPool Projections { get; }

    /// <summary>Makes a connection for leases, which is the caller's to close.</summary>
    public async Task<NpgsqlConnection> ConnectLeaseAsync(CancellationToken cancellationToken) => await _leaseSource.OpenConnectionAsync(cancellationToken);

    /// <summary>Makes a connection to read or write all rows over, which is the caller's to close.</summary>
    public async Task<NpgsqlConnection> ConnectArchiveAsync(CancellationToken cancellationToken) => await _archiveSource.OpenConnectionAsync(cancellationToken);

    /// <summary>Lets go of all connections that nobody uses: one broke, so they probably did too.</summary>
    public void Clear()
    {
        foreach (var pool in _pools) pool.Clear();
    }

    public static string NameOf(string connectionString)
    {
        var own = new NpgsqlConnectionStringBuilder(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"the PostgreSQL server at {own.Host}:{own.Port}, database '{own.Database}'");
    }

    public static bool HasSeveralHosts(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString).Host?.Contains(',', StringComparison.Ordinal) ?? false;

    /// <summary>A source of connections with what all sessions of the grid have in common.</summary>
    /// <param name="connectionString">As the user gave it.</param>
    /// <param name="options">The options.</param>
    /// <param name="sessionsMax">How many are kept when they are not used; 0: none.</param>
    /// <param name="settings">Settings of the server for these sessions.</param>
    /// <param name="check">Looks at each new connection, if given.</param>
    /// <param name="searchPath">Where names without a schema are looked for, empty: where the server says; by default in the schema of the grid.</param>
    /// <param name="resets">Whether what a user of a session has set is undone before the next one.</param>
    public static NpgsqlDataSource NewSource(
        string connectionString, PostgreSqlStoreOptions options, int sessionsMax, string settings, SessionCheck? check, string? searchPath = null, bool resets = false)
    {
        var own = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = sessionsMax > 0,
            MinPoolSize = 0,
            MaxPoolSize = Math.Max(1, sessionsMax),
            SearchPath = searchPath ?? $"\"{options.Schema}\"",
            CommandTimeout = (int)options.CommandTimeout.TotalSeconds,
            // A server that does not answer does not answer a request to cancel either: the connection is given up at once.
            CancellationTimeout = -1,
            Timeout = (int)options.ConnectTimeout.TotalSeconds,
            Multiplexing = false,
            NoResetOnClose = !resets,
            Enlist = false,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            TcpKeepAlive = true,
            TcpKeepAliveTime = 5,
            TcpKeepAliveInterval = 1,
        };
        if (string.IsNullOrEmpty(own.ApplicationName)) own.ApplicationName = "actorgrid";
        // The driver remembers for so long which of several hosts was a standby, and does not look there: by default 10 s, which is all the time that an ask has.
        own.HostRecheckSeconds = Math.Min(own.HostRecheckSeconds, 1);
        // The plans do not hang on the values, and each table is only ever reached by its keys. The server ends what a stopped client left open.
        own.Options = string.Join(
            ' ',
            own.Options,
            "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off",
            // Each statement of a transaction has to see what was committed before it, and a warning says that a commit did not wait for its replica.
            "-c default_transaction_isolation=read\\ committed -c client_min_messages=warning",
            "-c idle_in_transaction_session_timeout=5000",
            KeepAlives(options.SessionPatience),
            settings).Trim();
        var builder = new NpgsqlDataSourceBuilder(own.ConnectionString);
        if (check is not null) builder.UsePhysicalConnectionInitializer(check.Look, check.LookAsync);
        return HasSeveralHosts(connectionString)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools) await pool.DisposeAsync();
        await _leaseSource.DisposeAsync();
        await _archiveSource.DisposeAsync();
    }

    /// <summary>What breaks in the hands of a user's code says nothing about the other sessions, and what it has set is nobody else's.</summary>
    private SessionPool Make(int sessionsMax, string settings = "", string? searchPath = null, bool isOfUsers = false)
    {
        var source = NewSource(_connectionString, _options, sessionsMax, $"{_overrides} {settings}", _check, searchPath, resets: isOfUsers);
        var pool = new SessionPool(source, sessionsMax, Server, isOfUsers ? source.Clear : Clear);
        _pools.Add(pool);
        return pool;
    }

    /// <summary>The server asks from half of the time on whether the client is still there, and lets it go at its end.</summary>
    private static string KeepAlives(TimeSpan patience)
    {
        int seconds = (int)patience.TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"-c tcp_keepalives_idle={seconds - (seconds / 10 * 5)} -c tcp_keepalives_interval={seconds / 10} -c tcp_keepalives_count=5 -c tcp_user_timeout={seconds * 1000}");
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
