using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A grid of one owner with a few names, for tests about the file.</summary>
internal static class TestGrid
{
    public static readonly GridIdentity Identity = new("test", 4);
    public static readonly Fence First = new(new Epoch(1, 0), new Guid("aaaaaaaa-0000-0000-0000-000000000001"));
    public static readonly ShardId Shard = new(1);
    public static readonly EntityId Alice = EntityId.Create("account", "alice");

    public static async Task<SqliteStore> OpenAsync(SqliteStoreOptions options)
    {
        var store = new SqliteStore(options);
        try
        {
            await store.OpenAsync(Identity, default);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public static Task<SqliteStore> OpenAsync(string path) => OpenAsync(new SqliteStoreOptions { Path = path });

    /// <summary>Opens, writes some events under <see cref="First"/>, and closes.</summary>
    public static async Task MakeAsync(string path, int events = 10)
    {
        await using var store = await OpenAsync(path);
        await RaiseAsync(store);
        await AppendAsync(store, 0, events);
    }

    public static async Task<long> RaiseAsync(SqliteStore store) =>
        (await store.Journal.RaiseFencesAsync([new FenceRaise(Shard, First)], default))[0].LastOffset;

    /// <summary>Appends events of <see cref="Alice"/>, whose numbers are those of the shard.</summary>
    public static async Task<AppendOutcome> AppendAsync(SqliteStore store, long offset, int count = 1, int bytes = 100)
    {
        var events = Enumerable.Range(1, count).Select(i => new JournalEvent(Alice, offset + i, "deposited", 1, new byte[bytes])).ToArray();
        return (await store.Journal.AppendAsync([new ShardAppend(Shard, First, offset, events, [], [], [])], default))[0];
    }

    public static async Task<int> CountAsync(SqliteStore store)
    {
        var page = (await store.Journal.ReadEntitiesAsync([new EntityRead(Alice, 0, 1_000_000)], default))[0];
        Assert.Equal(Enumerable.Range(1, page.Events.Count).Select(i => (long)i), page.Events.Select(e => e.Event.Sequence));
        return page.Events.Count;
    }

    /// <summary>Runs SQL on the file behind the store's back.</summary>
    public static string? Query(string path, string sql)
    {
        using var database = Database.Open(path, readOnly: false, TimeSpan.FromSeconds(5));
        return database.ReadText(sql);
    }
}
