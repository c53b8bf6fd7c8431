using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>A database of its own for one test, which stores can be opened over again and again.</summary>
public interface ITestDatabase : IAsyncDisposable
{
    /// <summary>A store over the database, not open yet. The one before it was disposed.</summary>
    IGridStore NewStore();

    /// <summary>All that lies in the database, raw or as text. No store over it is open.</summary>
    Task<byte[]> DumpAsync();
}

/// <summary>What all suites share: a grid of 8 shards in a fresh store, and names for what is written.</summary>
public abstract class StoreConformance : IAsyncLifetime
{
    protected static readonly GridIdentity Grid = new("conformance", 8);
    protected static readonly ShardId Shard = new(3);
    protected static readonly ShardId OtherShard = new(7);
    protected static readonly EntityId Alice = EntityId.Create("account", "alice");
    protected static readonly EntityId Bob = EntityId.Create("account", "bob");
    protected static readonly Guid OwnerA = new("aaaaaaaa-0000-0000-0000-000000000001"), OwnerB = new("bbbbbbbb-0000-0000-0000-000000000002");
    protected static readonly Fence First = new(new Epoch(1, 0), OwnerA);

    private ITestDatabase? _database;
    private IGridStore? _store;

    protected IGridStore Store => _store!;

    protected IEventJournal Journal => Store.Journal;

    protected static CancellationToken None => CancellationToken.None;

    protected abstract ITestDatabase NewDatabase();

    public async Task InitializeAsync()
    {
        _database = NewDatabase();
        _store = _database.NewStore();
        await _store.OpenAsync(Grid, None);
    }

    public async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        await _database!.DisposeAsync();
    }

    protected async Task<IGridStore> CloseAsync()
    {
        await Store.DisposeAsync();
        return _store = _database!.NewStore();
    }

    /// <summary>Closes the store, and gives all that it has left behind.</summary>
    protected async Task<byte[]> DumpAsync()
    {
        await CloseAsync();
        return await _database!.DumpAsync();
    }

    protected async Task ReopenAsync() => await (await CloseAsync()).OpenAsync(Grid, None);

    protected async Task<FenceOutcome> RaiseAsync(ShardId shard, Fence fence) =>
        Assert.Single(await Journal.RaiseFencesAsync([new FenceRaise(shard, fence)], None));

    protected async Task<AppendOutcome> AppendAsync(ShardAppend append) => Assert.Single(await Journal.AppendAsync([append], None));

    /// <summary>Appends and asserts that it was committed.</summary>
    protected async Task CommitAsync(ShardAppend append)
    {
        var outcome = await AppendAsync(append);
        Assert.True(outcome.Status == AppendStatus.Committed, $"{outcome}");
    }

    /// <summary>Owns the shard under <see cref="First"/> and commits events 1 to <paramref name="count"/> of an entity.</summary>
    protected async Task WriteAsync(EntityId entity, int count)
    {
        var raised = await RaiseAsync(Shard, First);
        await CommitAsync(New(raised.LastOffset) with { Events = Events(entity, 1, count) });
    }

    protected async Task<EntityPage> ReadAsync(EntityId entity, long? after = null, int max = 1000) =>
        Assert.Single(await Journal.ReadEntitiesAsync([new EntityRead(entity, after, max)], None));

    /// <summary>An append without content, under <see cref="First"/> of <see cref="Shard"/>, as the base to change from.</summary>
    protected static ShardAppend New(long expectedOffset) => new(Shard, First, expectedOffset, [], [], [], []);

    protected static JournalEvent[] Events(EntityId entity, long first, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Event(entity, first + i))];

    protected static JournalEvent Event(EntityId entity, long sequence, string manifest = "deposited") =>
        new(entity, sequence, manifest, 1_700_000_000_000 + sequence, Bytes($"{entity}#{sequence}"));

    protected static CommandId Command(long issuedAtUnixMs, ulong number = 0) => new(((ulong)issuedAtUnixMs << 16) | 0x7000, 0x8000_0000_0000_0000 | number);

    protected static ReplyRecord Reply(EntityId entity, CommandId command, string text = "ok", ReplyKind kind = ReplyKind.Accepted) =>
        new(entity, command, kind, Bytes(text));

    protected static TimerRecord Timer(EntityId entity, string name, long dueUnixMs, long setSequence = 1) =>
        new(entity, name, dueUnixMs, setSequence, "wake", Bytes($"{entity}/{name}@{dueUnixMs}"));

    protected static TimerChange Set(TimerRecord timer) => new(timer.Entity, timer.Name, timer);

    protected static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    protected static void AssertSame(IEnumerable<JournalEvent> expected, IEnumerable<StoredEvent> actual) =>
        Assert.Equal(expected.Select(Show), actual.Select(stored => Show(stored.Event)));

    protected async Task<ReplyRecord?> FindReplyAsync(EntityId entity, CommandId command) => (await Journal.FindReplyAsync(entity, command, None)).Reply;

    protected static string Show(JournalEvent e) => $"{e.Entity} {e.Sequence} {e.Manifest} {e.AtUnixMs} {Convert.ToHexString(e.Payload.Span)}";

    protected static string Show(StoredEvent e) => $"{e.Offset} {e.Epoch} {Show(e.Event)}";

    protected static string Show(ReplyRecord? r) => r is null ? "no reply" : $"{r.Entity} {r.Command} {r.Kind} {Convert.ToHexString(r.Payload.Span)}";

    protected static string Show(TimerRecord t) =>
        $"{t.DueUnixMs} {t.Entity} {t.Name} {t.SetSequence} {t.Manifest} {Convert.ToHexString(t.Payload.Span)}";

    protected static string Show(SnapshotRecord? s) =>
        s is null ? "no snapshot" : $"{s.Entity} {s.Sequence} {s.Epoch} {s.AtUnixMs} {Convert.ToHexString(s.Payload.Span)}";
}
