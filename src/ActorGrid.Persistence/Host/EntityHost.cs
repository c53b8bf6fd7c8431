using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The entities of a node: owns shards, and runs in each the entities that are asked for.</summary>
/// <remarks>Safe to use from any thread. Everything it does is decided by the system's dispatcher, clock and randomness, and by the
/// store.</remarks>
public sealed partial class EntityHost : IEntityRouter, IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly EntityHostOptions _options;
    private readonly EntityTypes _types;
    private readonly int _shardCount;
    private readonly CommandIdSource _ids;
    private readonly ShardHost _shards;

    private EntityHost(ActorSystem system, EntityHostOptions options, EntityTypes types, int shardCount, ShardHost shards)
    {
        _system = system;
        _options = options;
        _types = types;
        _shardCount = shardCount;
        _ids = new CommandIdSource(system.Time, system.Random);
        _shards = shards;
    }

    /// <summary>Takes over all shards of a grid, by raising their fences, and serves their entities.</summary>
    /// <param name="system">Where the shards run. It is stopped after the host, by whoever made it.</param>
    /// <param name="store">The store, opened. It is disposed after the host, by whoever made it.</param>
    /// <param name="grid">The grid that the store was opened for.</param>
    /// <param name="types">The entity types; names and classes are unique.</param>
    /// <param name="options">Bounds and times; the defaults if null.</param>
    /// <param name="onShardLost"> Called when a shard has stopped for good, mostly since another owner has raised its fence; on the shard's
    /// turn, it must not wait.
    /// </param>
    /// <param name="subscriptions">Is told what the shards commit; null: there are none.</param>
    /// <param name="cancellationToken">Ends the start; fences may have been raised.</param>
    /// <exception cref="ArgumentException">A type is there twice, or an option is out of range.</exception>
    /// <exception cref="StoreException">The store could not be read or written, or another node has taken a shard at the same
    /// time.</exception>
    public static async Task<EntityHost> StartAsync(
        ActorSystem system, IGridStore store, GridIdentity grid, IEnumerable<EntityType> types, EntityHostOptions? options = null,
        Action<ShardId>? onShardLost = null, SubscriptionHost? subscriptions = null, CancellationToken cancellationToken = default)
    {
        options ??= new EntityHostOptions();
        options.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(grid.ShardCount, 1, nameof(grid));
        var all = new EntityTypes(types);
        if (all.All.FirstOrDefault(t => t.Options.Role.Length > 0) is { } withRole)
        {
            throw new ArgumentException(
                $"'{withRole.Name}' lives on nodes of the role '{withRole.Options.Role}', and a grid of one node without a cluster has no roles: "
                + "leave the role out.",
                nameof(types));
        }

        var raised = await RaiseFencesAsync(store.Journal, grid.ShardCount, NewIncarnation(system.Random), cancellationToken);
        int shardCount = grid.ShardCount;
        var shards = ShardHost.Start(
            system, store, all, options, id => ShardId.Of(id, shardCount), gate: null, new Watcher(onShardLost), handoverBytesMax: 0, subscriptions);
        foreach (var outcome in raised)
        {
            shards.Expect(outcome.Shard);
            shards.Open(outcome, states: null);
        }
        return new EntityHost(system, options, all, shardCount, shards);
    }

    /// <inheritdoc/>
    public Task<TReply> AskAsync<TEntity, TReply>(
        EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : Entity
        where TReply : notnull
    {
        var type = _types.Check<TEntity>(entity, command);
        var timeout = _options.CheckTimeout(options);
        var shard = ShardId.Of(entity, _shardCount);
        // First of all: an actor system that has stopped after the host keeps no deadlines.
        if (_shards.IsClosed) return Task.FromException<TReply>(new OwnershipLostException(entity, shard, "its node is stopping"));
        var ask = new PendingAsk<TReply>(_system.Deadlines, timeout, cancellationToken, entity, shard, type, command, options?.CommandId ?? _ids.Next())
        {
            // An id that was issued this moment cannot have been used before.
            Novelty = options?.CommandId is null ? IdNovelty.JustIssued : IdNovelty.Unknown,
        };
        if (AskTrace.IsWanted) ask.Trace = AskTrace.Begin(ask.Task, entity, type, command, _system.Time);
        if (!_shards.TryAdmit(shard, ask)) ask.Fail(new OwnershipLostException(entity, shard, "its node is stopping"));
        return ask.Task;
    }

    /// <summary>Refuses new asks, finishes those in hand, and stops. Idempotent: each call waits for the same end.</summary>
    /// <param name="cancellationToken"> Ends the patience: what is not finished then is dropped, its callers get
    /// <see cref="OwnershipLostException"/>. What was acknowledged is durable in any case.
    /// </param>
    public Task StopAsync(CancellationToken cancellationToken = default) => _shards.StopAsync(cancellationToken);

    /// <summary>As <see cref="StopAsync"/>, with all patience.</summary>
    public ValueTask DisposeAsync() => new(StopAsync());
}
