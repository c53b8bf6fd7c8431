using ActorGrid.Conformance;

namespace ActorGrid.Persistence.Tests;

public sealed class InMemoryFences : FenceConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryAppends : AppendConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryReads : ReadConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryReplies : ReplyConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryTimers : TimerConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemorySnapshots : SnapshotConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryCursors : CursorConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryArchives : ArchiveConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryOpening : OpeningConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryPrivacy : PrivacyConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryRetention : RetentionConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

public sealed class InMemoryConcurrency : ConcurrencyConformance { protected override ITestDatabase NewDatabase() => new InMemoryDatabase(); }

/// <summary>One object for all openings, since what the store holds lives in it.</summary>
internal sealed class InMemoryDatabase : ITestDatabase
{
    private readonly InMemoryStore _store = new();

    public IGridStore NewStore() => _store;

    /// <summary>What it gives is what it holds.</summary>
    public async Task<byte[]> DumpAsync()
    {
        using var all = new MemoryStream();
        foreach (var (shard, _) in await _store.Journal.ReadFencesAsync(default))
        {
            foreach (var timer in await _store.Journal.ReadTimersAsync(shard, null, 1000, default)) all.Write(timer.Payload.Span);
            foreach (var stored in (await _store.Journal.ReadShardAsync(shard, 0, 1000, default)).Events)
            {
                all.Write(stored.Event.Payload.Span);
                if ((await _store.Journal.ReadEntitiesAsync([new EntityRead(stored.Event.Entity, null, 1)], default))[0].Snapshot is { } snapshot) all.Write(snapshot.Payload.Span);
                if (await _store.Journal.ReadAttachmentAsync(stored.Event.Entity, "letter", default) is { } letter) all.Write(letter.Span);
            }
        }
        return all.ToArray();
    }

    public ValueTask DisposeAsync() => default;
}
