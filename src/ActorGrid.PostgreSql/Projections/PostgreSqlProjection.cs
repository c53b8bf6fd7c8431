using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// A projection into tables of one's own in the database of the grid: what is made of the events and how far that has come are committed in one transaction, so each event takes effect exactly once.
/// </summary>
public static class PostgreSqlProjection
{
    /// <summary>Projects the events of an entity type.</summary>
    /// <param name="name">Its stable name: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>. It shares its cursors with a subscription of that name.</param>
    /// <param name="handler">
    /// Writes what it makes of up to 100 events of a shard, in the order of the journal, in the given transaction and through its connection, which it neither commits nor keeps. It may run for several shards at once.
    /// Where it throws nothing is written; it is logged, and the events come again after a pause. Names without a schema are looked for where the connection string, or else the server, says. The server ends a
    /// transaction in which nothing happens for 5 seconds.
    /// </param>
    /// <param name="options">How it works; the defaults if null. Four transactions run at once on a node, whatever they say.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <typeparam name="TEvent">The base of its events.</typeparam>
    /// <exception cref="ArgumentException">The name or an option is out of range.</exception>
    public static Subscription Create<TEntity, TEvent>(
        string name, Func<NpgsqlTransaction, IReadOnlyList<EventEnvelope<TEvent>>, CancellationToken, Task> handler, SubscriptionOptions? options = null)
        where TEntity : Entity
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new Projection<TEvent>(name, typeof(TEntity), handler, options);
    }

    private sealed class Projection<TEvent>(
        string name, Type entityClass, Func<NpgsqlTransaction, IReadOnlyList<EventEnvelope<TEvent>>, CancellationToken, Task> handler, SubscriptionOptions? options)
        : Subscription(name, entityClass, typeof(TEvent), options)
        where TEvent : class
    {
        internal override bool IsProjection => true;

        internal override IEventSink Bind(EntityType type, IGridStore store) => store is PostgreSqlStore server
            ? new Sink(this, type, server, handler)
            : throw new ArgumentException($"'{Name}' is a projection into PostgreSQL, and the grid is kept in {store}: use PostgreSQL for both, or take the projection away.", nameof(store));

        private sealed class Sink(
            Subscription projection, EntityType type, PostgreSqlStore store, Func<NpgsqlTransaction, IReadOnlyList<EventEnvelope<TEvent>>, CancellationToken, Task> handler) : IEventProjector
        {
            public Task<bool> ProjectAsync(CursorMove move, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
            {
                var decoded = DecodeAll<TEvent>(projection.Name, type, move.Key.Shard, events);
                return store.ProjectAsync(move, decoded.Count == 0 ? null : (transaction, token) => Returned(projection.Name, handler(transaction, decoded, token)), cancellationToken);
            }
        }
    }
}
