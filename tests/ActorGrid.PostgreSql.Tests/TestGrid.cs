using System.Diagnostics;
using ActorGrid.Cluster;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>A grid of one owner with a few names, for tests about the server.</summary>
internal static class TestGrid
{
    public static readonly GridIdentity Identity = new("test", 64);
    public static readonly Fence First = new(new Epoch(1, 0), new Guid("aaaaaaaa-0000-0000-0000-000000000001"));
    public static readonly ShardId Shard = new(1);
    public static readonly EntityId Alice = EntityId.Create("account", "alice");
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<PostgreSqlStore> OpenAsync(string connectionString, PostgreSqlStoreOptions options)
    {
        var store = new PostgreSqlStore(connectionString, options);
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

    /// <summary>The same server by another way.</summary>
    public static string Through(Proxy way, string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = way.Port }.ConnectionString;

    public static Proxy WayTo(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) is var server ? new Proxy(server.Host!, server.Port) : throw new InvalidOperationException();

    public static async Task<FenceOutcome> RaiseAsync(PostgreSqlStore store, Fence fence, ShardId? shard = null) =>
        (await store.Journal.RaiseFencesAsync([new FenceRaise(shard ?? Shard, fence)], default).WaitAsync(Patience))[0];

    /// <summary>Raises a fence while the server is away, or not the primary yet.</summary>
    /// <returns>The last offset of the shard.</returns>
    public static async Task<long> RaiseUntilItGoesAsync(PostgreSqlStore store, Fence fence)
    {
        for (long started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                var outcome = await RaiseAsync(store, fence);
                Assert.True(outcome.Raised);
                return outcome.LastOffset;
            }
            catch (StoreException e) when (e.IsTransient && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>The successor of the empty view.</summary>
    public static ClusterView FirstView()
    {
        var empty = ClusterView.Empty(Identity);
        return new ClusterView
        {
            Version = 1,
            Grid = empty.Grid,
            Members = empty.Members,
            Shards = empty.Shards,
            Spaces = empty.Spaces,
            TypeRoles = empty.TypeRoles,
            Revoked = empty.Revoked,
            Departures = empty.Departures,
        };
    }

    /// <summary>Events of <see cref="Alice"/>, whose numbers are those of the shard.</summary>
    public static ShardAppend Append(long offset, Fence fence, int count = 1, int bytes = 100) => new(
        Shard, fence, offset, [.. Enumerable.Range(1, count).Select(i => new JournalEvent(Alice, offset + i, "deposited", 1, new byte[bytes]))], [], [], []);

    public static async Task<AppendOutcome> AppendAsync(PostgreSqlStore store, long offset, Fence fence, int count = 1, int bytes = 100) =>
        (await store.Journal.AppendAsync([Append(offset, fence, count, bytes)], default).WaitAsync(Patience))[0];

    public static async Task<IReadOnlyList<StoredEvent>> ReadAsync(PostgreSqlStore store, long after = 0) =>
        (await store.Journal.ReadShardAsync(Shard, after, 1_000_000, default).WaitAsync(Patience)).Events;
}
