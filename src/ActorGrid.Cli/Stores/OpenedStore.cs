using ActorGrid.Persistence;
using ActorGrid.PostgreSql;
using ActorGrid.Sqlite;

namespace ActorGrid.Cli;

/// <summary>The store of a grid, opened as that grid.</summary>
internal sealed class OpenedStore : IAsyncDisposable
{
    private readonly IGridStore _store;

    private OpenedStore(IGridStore store, GridIdentity grid)
    {
        _store = store;
        Grid = grid;
    }

    /// <summary>Whose it is.</summary>
    public GridIdentity Grid { get; }

    /// <summary>The journal.</summary>
    public IEventJournal Journal => _store.Journal;

    /// <summary>All that is stored.</summary>
    public IGridArchive Archive => _store.Archive;

    /// <summary>Opens a SQLite file for a grid, and makes it if it is not there. It is taken for this process alone.</summary>
    /// <exception cref="StoreException">It could not be opened, or belongs to another grid.</exception>
    public static Task<OpenedStore> CreateSqliteAsync(string path, GridIdentity grid, CancellationToken cancellationToken) => OpenAsync(new SqliteStore(path), grid, cancellationToken);

    /// <summary>Opens a schema of a PostgreSQL database for a grid, and makes it if it is not there.</summary>
    /// <exception cref="StoreException">It could not be opened, or belongs to another grid.</exception>
    public static Task<OpenedStore> CreatePostgreSqlAsync(string connectionString, string schema, GridIdentity grid, CancellationToken cancellationToken) =>
        OpenAsync(new PostgreSqlStore(connectionString, new PostgreSqlStoreOptions { Schema = schema }), grid, cancellationToken);

    /// <summary>Opens a SQLite file. To write it takes the file for itself, which the system's lock refuses while any process of the grid has it; to read it also shares it with processes that share it.</summary>
    /// <exception cref="StoreException">It could not be opened.</exception>
    public static async Task<OpenedStore> OpenSqliteAsync(string path, bool toWrite, CancellationToken cancellationToken)
    {
        var grid = SqliteStore.ReadIdentity(path);
        try
        {
            return await OpenAsync(new SqliteStore(path), grid, cancellationToken);
        }
        catch (StoreException e) when (e.IsTransient && !toWrite)
        {
            return await OpenAsync(new SqliteStore(new SqliteStoreOptions { Path = path, IsShared = true }), grid, cancellationToken);
        }
        catch (StoreException e) when (e.IsTransient)
        {
            throw Running($"'{Path.GetFullPath(path)}' is in use by another process");
        }
    }

    /// <summary>Opens a schema of a PostgreSQL database.</summary>
    /// <exception cref="StoreException">It could not be opened, or it is to be written and nodes of the grid run.</exception>
    public static async Task<OpenedStore> OpenPostgreSqlAsync(string connectionString, string schema, bool toWrite, CancellationToken cancellationToken)
    {
        var options = new PostgreSqlStoreOptions { Schema = schema };
        var grid = await PostgreSqlStore.ReadIdentityAsync(connectionString, options, cancellationToken);
        var store = new PostgreSqlStore(connectionString, options);
        var opened = await OpenAsync(store, grid, cancellationToken);
        try
        {
            if (toWrite) await RequireNobodyAsync(store, cancellationToken);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>The shard that an entity lies in. Types of a role have shards of their own, so it is looked up where its first event lies.</summary>
    /// <exception cref="HistoryUnavailableException">The entity has no events.</exception>
    /// <exception cref="StoreException">The store could not be read, or no shard has the event.</exception>
    public async Task<ShardId> ShardOfAsync(EntityId entity, CancellationToken cancellationToken)
    {
        var first = (await Journal.ReadEntitiesAsync([new EntityRead(entity, 0, 1)], cancellationToken))[0].Events;
        if (first.Count == 0) throw new HistoryUnavailableException(entity, $"{entity} has no events: was it ever written, and under this key?");
        int place = ShardId.Of(entity, Grid.ShardCount).Value;
        foreach (var (shard, _) in (await Journal.ReadFencesAsync(cancellationToken)).OrderBy(row => row.Shard))
        {
            if (shard.Value % Grid.ShardCount != place) continue;
            var there = (await Journal.ReadShardAsync(shard, first[0].Offset - 1, 1, cancellationToken)).Events;
            if (there.Count == 1 && there[0].Event.Entity == entity && there[0].Event.Sequence == first[0].Event.Sequence) return shard;
        }
        throw new StoreException($"No shard of the grid {Grid} holds the first event of {entity}. If the store is damaged, restore a backup.", isTransient: false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static async Task<OpenedStore> OpenAsync(IGridStore store, GridIdentity grid, CancellationToken cancellationToken)
    {
        try
        {
            await store.OpenAsync(grid, cancellationToken);
            return new OpenedStore(store, grid);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>A node that started in this moment is not seen; the fence keeps it and us apart all the same.</summary>
    private static async Task RequireNobodyAsync(PostgreSqlStore store, CancellationToken cancellationToken)
    {
        var view = await store.Cluster.ReadViewAsync(cancellationToken);
        var present = (await store.Cluster.ReadLeasesAsync(cancellationToken)).Where(lease => lease is { IsPresent: true, HasEnded: false, IsRevoked: false }).Select(lease => lease.Incarnation).ToHashSet();
        string[] names = [.. view.Members.Where(member => present.Contains(member.Incarnation)).Select(member => member.Name).Order(StringComparer.Ordinal)];
        if (names.Length > 0) throw Running($"The grid in {store} runs on the nodes {string.Join(", ", names)}");
    }

    private static StoreException Running(string what) => new($"{what}: stop the grid, or repair the entity from its code, with grid.Entity<T>(key).RepairAsync(...). Nothing was written.", isTransient: true);
}
