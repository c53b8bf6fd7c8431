using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>More rows than are held in memory at a time: the runs go to their tables within the transaction.</summary>
public sealed class LargeArchiveTests : IAsyncDisposable
{
    private const int Entities = 120_000, EventsPerEntity = 2;

    private static readonly GridIdentity Grid = new("large", 2);
    private static readonly Fence Owner = new(new Epoch(0, 1), new Guid("aaaaaaaa-0000-0000-0000-000000000001"));

    private readonly TemporaryFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task A_quarter_of_a_million_events_of_entities_by_turns_are_where_they_should_be()
    {
        var shards = new[] { new ShardId(0), new ShardId(1) }.ToDictionary(shard => shard, shard => Enumerable.Range(0, Entities).Select(i => EntityId.Create("purse", $"{i}")).Where(e => ShardId.Of(e, 2) == shard).ToArray());
        await using (var store = new SqliteStore(_file.FilePath))
        {
            await store.OpenAsync(Grid, default);
            await store.Archive.WriteAsync(RowsAsync(shards));
            await CheckAsync(store, shards);
            // The writer goes on behind what was imported.
            var shard = new ShardId(1);
            var raised = (await store.Journal.RaiseFencesAsync([new FenceRaise(shard, Owner with { Epoch = new Epoch(0, 2) })], default))[0];
            var append = new ShardAppend(shard, raised.Current, raised.LastOffset, [Event(shards[shard][^1], 3), Event(shards[shard][0], 3)], [], [], []);
            Assert.Equal(AppendStatus.Committed, (await store.Journal.AppendAsync([append], default))[0].Status);
            Assert.Equal([1L, 2L, 3L], await SequencesAsync(store, shards[shard][0]));
        }
        await using var again = new SqliteStore(_file.FilePath);
        await again.OpenAsync(Grid, default);
        await CheckAsync(again, shards);
        Assert.Equal([1L, 2L, 3L], await SequencesAsync(again, shards[new ShardId(1)][^1]));
        long count = 0;
        await foreach (var row in again.Archive.ReadAsync()) count += row.Kind == ArchiveKind.Event ? 1 : 0;
        Assert.Equal((Entities * EventsPerEntity) + 2, count);
    }

    [Fact]
    public async Task A_disk_that_is_full_half_way_leaves_an_empty_grid()
    {
        var rows = RowsAsync(new() { [new ShardId(0)] = [.. Enumerable.Range(0, 40_000).Select(i => EntityId.Create("purse", $"{i}")).Where(e => ShardId.Of(e, 2).Value == 0)] });
        await using (var store = new SqliteStore(new SqliteStoreOptions { Path = _file.FilePath, PagesMax = 300 }))
        {
            await store.OpenAsync(Grid, default);
            var error = await Assert.ThrowsAsync<StoreException>(() => store.Archive.WriteAsync(rows));
            Assert.Contains("is full", error.Message, StringComparison.Ordinal);
        }
        await using var again = new SqliteStore(_file.FilePath);
        await again.OpenAsync(Grid, default);
        await foreach (var row in again.Archive.ReadAsync()) Assert.Equal(new ArchivedHorizon(0), row);
        await again.Archive.WriteAsync(rows);
    }

    private static async Task CheckAsync(SqliteStore store, Dictionary<ShardId, EntityId[]> shards)
    {
        foreach (var (shard, entities) in shards)
        {
            foreach (int i in new[] { 1, entities.Length / 2, entities.Length - 2 }) Assert.Equal([1L, 2L], await SequencesAsync(store, entities[i]));
            var page = (await store.Journal.ReadShardAsync(shard, entities.Length - 2, 4, default)).Events;
            Assert.Equal([entities[^2], entities[^1], entities[0], entities[1]], page.Select(stored => stored.Event.Entity));
            Assert.Equal([1L, 1L, 2L, 2L], page.Select(stored => stored.Event.Sequence));
        }
    }

    private static async Task<IEnumerable<long>> SequencesAsync(SqliteStore store, EntityId entity) =>
        (await store.Journal.ReadEntitiesAsync([new EntityRead(entity, null, 10)], default))[0].Events.Select(stored => stored.Event.Sequence);

    /// <summary>Each shard goes through its entities once for each number.</summary>
    private static async IAsyncEnumerable<ArchiveRow> RowsAsync(Dictionary<ShardId, EntityId[]> shards)
    {
        yield return new ArchivedHorizon(0);
        foreach (var (shard, entities) in shards) yield return new ArchivedShard(shard, Owner, entities.Length * EventsPerEntity, 0);
        await Task.Yield();
        foreach (var (shard, entities) in shards)
        {
            long offset = 0;
            for (int sequence = 1; sequence <= EventsPerEntity; sequence++)
            {
                foreach (var entity in entities) yield return new ArchivedEvent(shard, new StoredEvent(Event(entity, sequence), ++offset, Owner.Epoch));
            }
        }
    }

    private static JournalEvent Event(EntityId entity, long sequence) => new(entity, sequence, "put", 1_700_000_000_000, "{}"u8.ToArray());
}
