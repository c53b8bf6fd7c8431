using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>A database of its own for one test, which nodes can connect to.</summary>
public interface ITestClusterDatabase : IAsyncDisposable
{
    /// <summary>The connection of one more node.</summary>
    Task<IClusterStore> ConnectAsync(GridIdentity grid);

    /// <summary>Ends a connection as the death of its process does, and returns once the store knows it.</summary>
    Task KillAsync(IClusterStore connection);
}

/// <summary>What the suites of cluster stores share: a grid of 8 shards, and views that follow each other.</summary>
public abstract class ClusterStoreConformance : IAsyncLifetime
{
    protected static readonly GridIdentity Grid = new("conformance", 8);
    protected static readonly Guid A = new("aaaaaaaa-0000-0000-0000-000000000001");
    protected static readonly Guid B = new("bbbbbbbb-0000-0000-0000-000000000002");
    protected static readonly Guid C = new("cccccccc-0000-0000-0000-000000000003");
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ITestClusterDatabase? _database;
    private IClusterStore? _store;

    /// <summary>A connection that lasts as long as the test.</summary>
    protected IClusterStore Store => _store!;

    protected static CancellationToken None => CancellationToken.None;

    protected abstract ITestClusterDatabase NewDatabase();

    public async Task InitializeAsync()
    {
        _database = NewDatabase();
        _store = await ConnectAsync();
    }

    public async Task DisposeAsync() => await _database!.DisposeAsync();

    protected Task<IClusterStore> ConnectAsync() => _database!.ConnectAsync(Grid);

    protected Task KillAsync(IClusterStore connection) => _database!.KillAsync(connection);

    protected Task<ClusterView> ReadAsync() => Store.ReadViewAsync(None);

    protected Task<bool> WriteAsync(ClusterView next, params Revocation[] revocations) => Store.WriteViewAsync(next, revocations, None);

    protected async Task<LeaseRow> RowAsync(Guid incarnation) => Assert.Single(await Store.ReadLeasesAsync(None), row => row.Incarnation == incarnation);

    /// <summary>Writes a view with these members, and no others.</summary>
    protected async Task<ClusterView> HaveMembersAsync(params Guid[] members)
    {
        var next = Next(await ReadAsync(), members);
        Assert.True(await WriteAsync(next));
        return next;
    }

    /// <summary>The successor of a view: these members are Up, and the first owns all shards.</summary>
    protected static ClusterView Next(ClusterView view, params Guid[] members) => new()
    {
        Version = view.Version + 1,
        Grid = view.Grid,
        Members = [.. members.Select(incarnation => Member(incarnation, view)).OrderBy(member => member.JoinedAt)],
        Shards = [.. view.Shards.Select(shard => members.Length == 0 || shard.Owner == members[0]
            ? shard with { Owner = members.FirstOrDefault() }
            : new ShardOwnership(members[0], shard.Term + 1, Guid.Empty))],
        Spaces = view.Spaces,
        TypeRoles = view.TypeRoles,
        Revoked = view.Revoked,
        Departures = view.Departures,
    };

    protected static ClusterView Revoking(ClusterView view, params RevokedLease[] revoked) => new()
    {
        Version = view.Version,
        Grid = view.Grid,
        Members = view.Members,
        Shards = view.Shards,
        Spaces = view.Spaces,
        TypeRoles = view.TypeRoles,
        Revoked = [.. revoked],
        Departures = view.Departures,
    };

    protected static void AssertSame(ClusterView expected, ClusterView actual) =>
        Assert.Equal(Convert.ToHexString(ViewCodec.Encode(expected)), Convert.ToHexString(ViewCodec.Encode(actual)));

    private static Member Member(Guid incarnation, ClusterView view) => view.Find(incarnation) ?? new Member
    {
        Incarnation = incarnation,
        Name = "nœud",
        Endpoint = $"host:{incarnation:N}",
        Roles = ["blue", "red"],
        Weight = 250,
        Version = 3,
        Status = MemberStatus.Up,
        JoinedAt = view.Version + 1,
    };
}
