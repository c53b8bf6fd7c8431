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

public sealed class PostgreSqlOpening : OpeningConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlConcurrency : ConcurrencyConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

public sealed class PostgreSqlModel : ModelConformance { protected override ITestDatabase NewDatabase() => new TestDatabase(); }

/// <summary>A schema of its own, which goes with the test.</summary>
internal sealed class TestDatabase : ITestDatabase
{
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();

    public string Schema => _options.Schema;

    public IGridStore NewStore() => new PostgreSqlStore(TestServer.ConnectionString, _options);

    public async ValueTask DisposeAsync() => await TestServer.DropAsync(_options);
}
