using ActorGrid.Conformance;

namespace ActorGrid.Persistence.Tests;

public sealed class InMemoryFences : FenceConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryAppends : AppendConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryReads : ReadConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryReplies : ReplyConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryTimers : TimerConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemorySnapshots : SnapshotConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryCursors : CursorConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryOpening : OpeningConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryConcurrency : ConcurrencyConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

/// <summary>One object for all openings, since what the store holds lives in it.</summary>
internal sealed class InMemoryDatabase : ITestDatabase
{
    private readonly InMemoryStore _store = new();

    public IGridStore NewStore() => _store;

    public ValueTask DisposeAsync() => default;
}
