using ActorGrid.Persistence;
using ActorGrid.PostgreSql;
using ActorGrid.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActorGrid;

/// <content>What is done with the events of entities.</content>
public sealed partial class GridBuilder
{
    private readonly List<Func<Func<IGrid>, Subscription>> _subscriptions = [];

    /// <summary>
    /// Subscribes to the events of an entity type: each is given at least once, in the order of its entity, wherever that lives; from the cursor that is stored for the name, and live once that has caught up. The
    /// nodes that own the entities run it. A command that is sent under <see cref="EventEnvelope{TEvent}.CommandId"/> takes effect once all the same.
    /// </summary>
    /// <param name="name">Its stable name: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>; the same on all nodes.</param>
    /// <param name="handler">Gets each event. It may run for events of several shards at once, and must not take for ever: the events behind wait. What it throws is logged, and it gets the same event again after a
    /// pause. The token ends when the shard leaves this node, or the node stops.</param>
    /// <param name="options">How it works; the defaults if null.</param>
    /// <typeparam name="TEntity">The entity class, added with <c>AddEntity</c>.</typeparam>
    /// <typeparam name="TEvent">The base of its events.</typeparam>
    /// <exception cref="ArgumentException">The name or an option is out of range, or the name is there already.</exception>
    public GridBuilder AddSubscription<TEntity, TEvent>(string name, Func<IGrid, EventEnvelope<TEvent>, CancellationToken, Task> handler, SubscriptionOptions? options = null)
        where TEntity : Entity
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AddSubscription(grid => Subscription.Create<TEntity, TEvent>(name, (e, token) => handler(grid(), e, token), options));
    }

    /// <summary>
    /// Projects the events of an entity type into tables of one's own in the SQLite file of the grid, each exactly once: what is made of the events and how far that has come are one transaction. In a simulation,
    /// which has a store of its own, it is left aside.
    /// </summary>
    /// <param name="name">Its stable name: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>; the same on all nodes.</param>
    /// <param name="handler">Writes what it makes of up to 100 events, in the given transaction; nothing else is written to the file meanwhile. See <see cref="SqliteProjection.Create"/>.</param>
    /// <param name="options">How it works; the defaults if null.</param>
    /// <typeparam name="TEntity">The entity class, added with <c>AddEntity</c>.</typeparam>
    /// <typeparam name="TEvent">The base of its events.</typeparam>
    /// <exception cref="ArgumentException">The name or an option is out of range, or the name is there already.</exception>
    public GridBuilder AddSqliteProjection<TEntity, TEvent>(string name, Action<SqliteTransaction, IReadOnlyList<EventEnvelope<TEvent>>> handler, SubscriptionOptions? options = null)
        where TEntity : Entity
        where TEvent : class
    {
        var projection = SqliteProjection.Create<TEntity, TEvent>(name, handler, options);
        return AddSubscription(_ => projection);
    }

    /// <summary>
    /// Projects the events of an entity type into tables of one's own in the PostgreSQL database of the grid, each exactly once: what is made of the events and how far that has come are one transaction. In a
    /// simulation, which has a store of its own, it is left aside.
    /// </summary>
    /// <param name="name">Its stable name: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>; the same on all nodes.</param>
    /// <param name="handler">Writes what it makes of up to 100 events, in the given transaction. See <see cref="PostgreSqlProjection.Create"/>.</param>
    /// <param name="options">How it works; the defaults if null.</param>
    /// <typeparam name="TEntity">The entity class, added with <c>AddEntity</c>.</typeparam>
    /// <typeparam name="TEvent">The base of its events.</typeparam>
    /// <exception cref="ArgumentException">The name or an option is out of range, or the name is there already.</exception>
    public GridBuilder AddPostgreSqlProjection<TEntity, TEvent>(
        string name, Func<NpgsqlTransaction, IReadOnlyList<EventEnvelope<TEvent>>, CancellationToken, Task> handler, SubscriptionOptions? options = null)
        where TEntity : Entity
        where TEvent : class
    {
        var projection = PostgreSqlProjection.Create<TEntity, TEvent>(name, handler, options);
        return AddSubscription(_ => projection);
    }

    /// <summary>The subscriptions of one node.</summary>
    /// <param name="grid">The grid as seen from there, once it runs.</param>
    internal IReadOnlyList<Subscription> SubscriptionsFor(Func<IGrid> grid) => [.. _subscriptions.Select(make => make(grid))];

    private GridBuilder AddSubscription(Func<Func<IGrid>, Subscription> make)
    {
        // Now, so that a mistake shows here.
        string name = make(static () => throw new InvalidOperationException("The grid does not run.")).Name;
        if (SubscriptionsFor(static () => null!).Any(other => other.Name == name))
            throw new ArgumentException($"There is a subscription or projection '{name}' already, and they would share a cursor: give one of them another name.", nameof(make));
        _subscriptions.Add(make);
        return this;
    }
}
