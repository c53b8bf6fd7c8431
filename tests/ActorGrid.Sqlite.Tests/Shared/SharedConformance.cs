using ActorGrid.Cluster;
using ActorGrid.Conformance;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

public sealed class SharedFences : FenceConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedAppends : AppendConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedReads : ReadConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedReplies : ReplyConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedTimers : TimerConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedSnapshots : SnapshotConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedCursors : CursorConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedArchives : ArchiveConformance
{
    protected override IClusterStore Cluster => ((ISharedStore)Store).Cluster;

    protected override ITestDatabase NewDatabase() => new SharedFile();
}

public sealed class SharedOpening : OpeningConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedPrivacy : PrivacyConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedConcurrency : ConcurrencyConformance { protected override ITestDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedModel : ModelConformance { protected override ITestDatabase NewDatabase() => new SharedFile { RunsMax = 1 }; }

public sealed class SharedRetention : RetentionConformance { protected override ITestDatabase NewDatabase() => new SharedFile { RunsMax = 1 }; }

public sealed class SharedViews : ViewConformance { protected override ITestClusterDatabase NewDatabase() => new SharedFile(); }

public sealed class SharedLeases : LeaseConformance { protected override ITestClusterDatabase NewDatabase() => new SharedFile(); }

/// <summary>A file that several stores of the test share, as processes do.</summary>
internal sealed class SharedFile : ITestDatabase, ITestClusterDatabase
{
    private readonly TemporaryFile _file = new();
    private readonly Dictionary<IClusterStore, SqliteStore> _connections = [];

    public string FilePath => _file.FilePath;

    public SqliteStoreOptions Options => new() { Path = FilePath, IsShared = true, RunsMax = RunsMax, BusyTimeout = BusyTimeout, LogBytesMax = LogBytesMax };

    /// <summary>How many runs a store holds in memory; few, so that they often go to the tables.</summary>
    public int RunsMax { get; init; }

    public long LogBytesMax { get; init; } = 64 << 20;

    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public IGridStore NewStore() => New();

    public Task<byte[]> DumpAsync() => _file.DumpAsync();

    /// <summary>A store that is closed with the file, if it was not before.</summary>
    public async Task<SqliteStore> OpenAsync(GridIdentity? grid = null)
    {
        var store = New();
        await store.OpenAsync(grid ?? TestGrid.Identity, default);
        lock (_connections) _connections.Add(store.Cluster, store);
        return store;
    }

    public async Task<IClusterStore> ConnectAsync(GridIdentity grid) => (await OpenAsync(grid)).Cluster;

    public async Task KillAsync(IClusterStore connection) => await _connections[connection].DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _connections.Values) await store.DisposeAsync();
        await _file.DisposeAsync();
    }

    private SqliteStore New() => new(Options);
}
