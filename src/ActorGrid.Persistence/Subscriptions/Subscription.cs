namespace ActorGrid.Persistence;

/// <summary>
/// A registered subscription: a name, an entity type, and what is to be done with each event of its entities. The owner of each shard runs it, from the cursor stored for the name: first what was committed
/// meanwhile, then each event as it is committed.
/// </summary>
/// <remarks>Immutable, safe to use from any thread.</remarks>
public abstract class Subscription
{
    private protected Subscription(string name, Type entityClass, Type eventType, SubscriptionOptions? options)
    {
        CheckName(name);
        Name = name;
        EntityClass = entityClass;
        EventType = eventType;
        Options = options ?? new SubscriptionOptions();
        Options.Check(name);
    }

    /// <summary>Its stable name, which its cursors are stored under.</summary>
    public string Name { get; }

    /// <summary>The class of the entities whose events it gets.</summary>
    public Type EntityClass { get; }

    /// <summary>How it works.</summary>
    public SubscriptionOptions Options { get; }

    internal Type EventType { get; }

    /// <summary>Subscribes a function to the events of an entity type.</summary>
    /// <param name="name">Its stable name: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>.</param>
    /// <param name="handler">Gets each event at least once; those of a shard one after the other, in the order of the journal. What it throws is logged, and it gets the same event again after a pause. The token
    /// ends when the shard leaves this node, or the node stops.</param>
    /// <param name="options">How it works; the defaults if null.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <typeparam name="TEvent">The base of its events.</typeparam>
    /// <exception cref="ArgumentException">The name or an option is out of range.</exception>
    public static Subscription Create<TEntity, TEvent>(string name, Func<EventEnvelope<TEvent>, CancellationToken, Task> handler, SubscriptionOptions? options = null)
        where TEntity : Entity
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new HandlerSubscription<TEvent>(name, typeof(TEntity), handler, options);
    }

    /// <summary>Whether its effects are in the store itself, so that it cannot do without that.</summary>
    internal virtual bool IsProjection => false;

    /// <summary>What does the work on a node.</summary>
    /// <exception cref="ArgumentException">It cannot work with this store.</exception>
    internal abstract IEventSink Bind(EntityType type, IGridStore store);

    internal static void CheckName(string name)
    {
        if (!EntityId.IsName(name))
            throw new ArgumentException($"'{name}' is not the name of a subscription: use 1 to {EntityId.TypeLengthMax} lower-case letters, digits, '-', '.' or '_'.", nameof(name));
    }

    /// <summary>The event as its entity knows it; null for one of ActorGrid's own or of another type.</summary>
    private protected static TEvent? Decode<TEvent>(EntityType type, StoredEvent stored)
        where TEvent : class
    {
        if (stored.Event.Entity.Type != type.Name) return null;
        try
        {
            return (TEvent?)type.DecodeEvent(stored.Event);
        }
        catch (Exception cause)
        {
            // A codec, or an upcaster, of the user.
            throw new UnreadableEventException(stored, cause);
        }
    }

    /// <summary>Those of the events that are the entity type's, decoded.</summary>
    private protected static IReadOnlyList<EventEnvelope<TEvent>> DecodeAll<TEvent>(string name, EntityType type, ShardId shard, IReadOnlyList<StoredEvent> events)
        where TEvent : class
    {
        var decoded = new List<EventEnvelope<TEvent>>(events.Count);
        foreach (var stored in events)
        {
            if (Decode<TEvent>(type, stored) is { } e) decoded.Add(new EventEnvelope<TEvent>(name, shard, stored, e, issuedAtUnixMs: 0));
        }
        return decoded;
    }

    /// <summary>What the user's code has returned: async code always returns a task, other code may return null by mistake.</summary>
    private protected static Task Returned(string name, Task? task) => task ?? throw new InvalidOperationException(
        $"The handler of '{name}' returned null instead of a Task: let it be async, or return Task.CompletedTask when there is nothing to wait for.");

    private sealed class HandlerSubscription<TEvent>(string name, Type entityClass, Func<EventEnvelope<TEvent>, CancellationToken, Task> handler, SubscriptionOptions? options)
        : Subscription(name, entityClass, typeof(TEvent), options)
        where TEvent : class
    {
        internal override IEventSink Bind(EntityType type, IGridStore store) => new Sink(this, type, handler);

        private sealed class Sink(Subscription subscription, EntityType type, Func<EventEnvelope<TEvent>, CancellationToken, Task> handler) : IEventHandler
        {
            public Task GiveAsync(ShardId shard, StoredEvent stored, long issuedAtUnixMs, CancellationToken cancellationToken) =>
                Decode<TEvent>(type, stored) is { } e
                    ? Returned(subscription.Name, handler(new EventEnvelope<TEvent>(subscription.Name, shard, stored, e, issuedAtUnixMs), cancellationToken))
                    : Task.CompletedTask;
        }
    }
}

/// <summary>What takes the events of a subscription on a node: an <see cref="IEventHandler"/> or an <see cref="IEventProjector"/>.</summary>
internal interface IEventSink;

/// <summary>Takes events one by one; the cursor is stored after them.</summary>
internal interface IEventHandler : IEventSink
{
    /// <summary>Gives an event to the user's code, if it is one for this subscription.</summary>
    /// <returns>Ends when the event is done with.</returns>
    Task GiveAsync(ShardId shard, StoredEvent stored, long issuedAtUnixMs, CancellationToken cancellationToken);
}

/// <summary>Takes events together with the move of the cursor behind them, in one commit.</summary>
internal interface IEventProjector : IEventSink
{
    /// <summary>Moves the cursor, gives the events to the user's code within the same transaction, and commits.</summary>
    /// <returns>False if the cursor was not the one before; nothing was done then.</returns>
    /// <exception cref="UnreadableEventException">One of the events, the first such; nothing was done, and those before it can be read.</exception>
    Task<bool> ProjectAsync(CursorMove move, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken);
}
