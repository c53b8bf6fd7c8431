using System.Text;
using ActorGrid.Cluster;
using ActorGrid.Conformance;
using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql.Tests;

public sealed class PostgreSqlFences : FenceConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlAppends : AppendConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlReads : ReadConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlReplies : ReplyConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlTimers : TimerConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlSnapshots : SnapshotConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlCursors : CursorConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlArchives : ArchiveConformance
{
    protected override IClusterStore Cluster => ((ISharedStore)Store).Cluster;

    protected override ITestDatabase NewDatabase() => new TestDatabase();
}

public sealed class PostgreSqlOpening : OpeningConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlPrivacy : PrivacyConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlConcurrency : ConcurrencyConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlModel : ModelConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlRetention : RetentionConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

/// <summary>A schema of its own, which goes with the test.</summary>
internal sealed class TestDatabase : ITestDatabase
{
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();

    public string Schema => _options.Schema;

    public IGridStore NewStore() => new PostgreSqlStore(TestServer.ConnectionString, _options);

    /// <summary>Every row of every table, as text.</summary>
    public async Task<byte[]> DumpAsync()
    {
        string tables = (string)(await TestServer.ExecuteAsync(
            TestServer.ConnectionString, $"SELECT string_agg(table_name, ',') FROM information_schema.tables WHERE table_schema = '{_options.Schema}'"))!;
        var all = new StringBuilder();
        foreach (string table in tables.Split(',')) all.Append(await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT string_agg(t::text, ' ') FROM {_options.Schema}.{table} t"));
        return Encoding.UTF8.GetBytes(all.ToString());
    }

    public async ValueTask DisposeAsync() => await TestServer.DropAsync(_options);
}
