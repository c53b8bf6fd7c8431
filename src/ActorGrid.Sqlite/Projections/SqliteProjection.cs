using ActorGrid.Persistence;
using Microsoft.Data.Sqlite;

namespace ActorGrid.Sqlite;

/// <summary>
/// A projection into tables of one's own in the file of the grid: what is made of the events and how far that has come are committed in one transaction, so each event takes effect exactly once.
/// </summary>
public static class SqliteProjection
{
    /// <summary>Projects the events of an entity type.</summary>
    /// <param name="name">Its stable name: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>. It shares its cursors with a subscription of that name.</param>
    /// <param name="handler">
    /// Writes what it makes of up to 100 events of a shard, in the order of the journal, in the given transaction and through its connection, which it neither commits nor keeps. A file has one writer, so meanwhile
    /// nothing else is written, in this process and in all others: it is to be quick, and to wait for nothing. Where it throws nothing is written; it is logged, and the events come again after a pause.
    /// </param>
    /// <param name="options">How it works; the defaults if null.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <typeparam name="TEvent">The base of its events.</typeparam>
    /// <exception cref="ArgumentException">The name or an option is out of range.</exception>
    public static Subscription Create<TEntity, TEvent>(string name, Action<SqliteTransaction, IReadOnlyList<EventEnvelope<TEvent>>> handler, SubscriptionOptions? options = null)
        where TEntity : Entity
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new Projection<TEvent>(name, typeof(TEntity), handler, options);
    }

    private sealed class Projection<TEvent>(string name, Type entityClass, Action<SqliteTransaction, IReadOnlyList<EventEnvelope<TEvent>>> handler, SubscriptionOptions? options)
        : Subscription(name, entityClass, typeof(TEvent), options)
        where TEvent : class
    {
        internal override bool IsProjection => true;

        internal override IEventSink Bind(EntityType type, IGridStore store) => store is SqliteStore file
            ? new Sink(this, type, file, handler)
            : throw new ArgumentException($"'{Name}' is a projection into SQLite, and the grid is kept in {store}: use SQLite for both, or take the projection away.", nameof(store));

        private sealed class Sink(Subscription projection, EntityType type, SqliteStore store, Action<SqliteTransaction, IReadOnlyList<EventEnvelope<TEvent>>> handler) : IEventProjector
        {
            public Task<bool> ProjectAsync(CursorMove move, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
            {
                var decoded = DecodeAll<TEvent>(projection.Name, type, move.Key.Shard, events);
                return store.ProjectAsync(move, decoded.Count == 0 ? null : transaction => handler(transaction, decoded), cancellationToken);
            }
        }
    }
}
