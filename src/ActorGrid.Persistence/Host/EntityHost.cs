using System.Collections.Frozen;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The entities of a node: owns shards, and runs in each the entities that are asked for.</summary>
/// <remarks>Safe to use from any thread. Everything it does is decided by the system's dispatcher, clock and randomness, and by the
/// store.</remarks>
public sealed partial class EntityHost : IEntityRouter, IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly EntityHostOptions _options;
    private readonly FrozenDictionary<Type, EntityType> _types;
    private readonly CommandIdSource _ids;
    private readonly NodeMeter _meter;
    private readonly ShardSeat[] _shards;
    private readonly ActorRef[] _lanes;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

    private EntityHost(
        ActorSystem system, EntityHostOptions options, FrozenDictionary<Type, EntityType> types, NodeMeter meter, ShardSeat[] shards, ActorRef[] lanes)
    {
        _system = system;
        _options = options;
        _types = types;
        _ids = new CommandIdSource(system.Time, system.Random);
        _meter = meter;
        _shards = shards;
        _lanes = lanes;
    }

    /// <summary>Takes over all shards of a grid, by raising their fences, and serves their entities.</summary>
    /// <param name="system">Where the shards run. It is stopped after the host, by whoever made it.</param>
    /// <param name="store">The store, opened. It is disposed after the host, by whoever made it.</param>
    /// <param name="grid">The grid that the store was opened for.</param>
    /// <param name="types">The entity types; names and classes are unique.</param>
    /// <param name="options">Bounds and times; the defaults if null.</param>
    /// <param name="onShardLost">
    /// Called when a shard has stopped for good, mostly since another owner has raised its fence; on the shard's turn, it must not wait.
    /// </param>
    /// <param name="cancellationToken">Ends the start; fences may have been raised.</param>
    /// <exception cref="ArgumentException">A type is there twice, or an option is out of range.</exception>
    /// <exception cref="StoreException">The store could not be read or written, or another node has taken a shard at the same
    /// time.</exception>
    public static async Task<EntityHost> StartAsync(
        ActorSystem system, IGridStore store, GridIdentity grid, IEnumerable<EntityType> types, EntityHostOptions? options = null,
        Action<ShardId>? onShardLost = null, CancellationToken cancellationToken = default)
    {
        options ??= new EntityHostOptions();
        options.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(grid.ShardCount, 1, nameof(grid));
        IReadOnlyList<EntityType> all = [.. types];
        if (all.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } sameName)
        {
            throw new ArgumentException($"Two entity types have the name '{sameName.Key}': give one of them another.", nameof(types));
        }
        if (all.GroupBy(t => t.EntityClass).FirstOrDefault(g => g.Count() > 1) is { } sameClass)
        {
            throw new ArgumentException(
                $"{sameClass.Key.Name} is registered as {string.Join(" and ", sameClass.Select(t => $"'{t.Name}'"))}: keep one, or derive a class for each.", nameof(types));
        }

        var raised = await RaiseFencesAsync(store.Journal, grid.ShardCount, NewIncarnation(system.Random), cancellationToken);
        return Start(system, store, all, options, onShardLost, raised);
    }

    /// <inheritdoc/>
    public Task<TReply> AskAsync<TEntity, TReply>(
        EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : Entity
        where TReply : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!_types.TryGetValue(typeof(TEntity), out var type))
        {
            throw new ArgumentException($"{typeof(TEntity).Name} is not registered: add it to the entity types of the grid.", nameof(command));
        }
        if (entity.Type != type.Name || entity.Key is null)
        {
            throw new ArgumentException($"{command.GetType().Name} is a command of '{type.Name}', and cannot be sent to {entity}.", nameof(entity));
        }
        if (!type.Handles(command.GetType()))
        {
            throw new ArgumentException(
                $"{typeof(TEntity).Name} has no handler for {command.GetType().Name}: add On<{command.GetType().Name}, ...>(...) to its constructor.", nameof(command));
        }
        var timeout = options?.Timeout ?? _options.AskTimeout;
        if (timeout <= TimeSpan.Zero || timeout > _options.AskTimeoutMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), timeout, $"The timeout of an ask is above 0 and at most {nameof(EntityHostOptions.AskTimeoutMax)} ({_options.AskTimeoutMax}).");
        }

        var shard = ShardId.Of(entity, _shards.Length);
        var seat = _shards[shard.Value];
        if (Volatile.Read(ref _isClosed)) return Task.FromException<TReply>(new OwnershipLostException(entity, shard, "its node is stopping"));
        if (!seat.Load.TryEnter()) return Task.FromException<TReply>(new OverloadedException(entity, seat.Load.InHandMax));
        var ask = new PendingAsk<TReply>(_system.Deadlines, timeout, cancellationToken, entity, shard, type, command, options?.CommandId ?? _ids.Next())
        {
            // An id that was issued this moment cannot have been used before.
            Novelty = options?.CommandId is null ? IdNovelty.JustIssued : IdNovelty.Unknown,
        };
        _meter.OnAsk();
        if (!seat.Actor.TryTell(ask))
        {
            seat.Load.Leave();
            ask.Fail(new OwnershipLostException(entity, shard, "its node has stopped"));
        }
        if (NodeMeter.Activities.HasListeners()) Trace(ask.Task, entity, command.GetType().Name);
        return ask.Task;
    }

    /// <summary>Refuses new asks, finishes those in hand, and stops. Idempotent: each call waits for the same end.</summary>
    /// <param name="cancellationToken">
    /// Ends the patience: what is not finished then is dropped, its callers get <see cref="OwnershipLostException"/>. What was acknowledged
    /// is durable in any case.
    /// </param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isClosed, true)) return _stopping.Task;
        _ = FinishAsync(cancellationToken);
        return _stopping.Task;
    }

    /// <summary>As <see cref="StopAsync"/>, with all patience.</summary>
    public ValueTask DisposeAsync() => new(StopAsync());
}
