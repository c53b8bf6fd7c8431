using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Makes forks: entities in memory that begin with a state of the past.</summary>
public static class EntityFork
{
    /// <summary>An entity that goes on from a state of the past, in a test, while the real one knows nothing of it.</summary>
    /// <param name="entity">The entity class, as it is now.</param>
    /// <param name="past">Where it begins, from an <see cref="EntityHistory"/>.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <typeparam name="TState">Its state.</typeparam>
    /// <typeparam name="TEvent">Its events.</typeparam>
    public static EntityFork<TEntity, TState, TEvent> Of<TEntity, TState, TEvent>(Entity<TEntity, TState, TEvent> entity, PastState<TState> past)
        where TEntity : Entity<TEntity, TState, TEvent>
        where TState : notnull
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(past);
        return new EntityFork<TEntity, TState, TEvent>(entity, past);
    }
}

/// <summary>
/// An entity in memory that began with a state of the past: it decides commands one after the other, each on the state after the last. It has no store and no grid, so nothing that it
/// decides is written, and its reminders do not fire by themselves.
/// </summary>
/// <remarks>Not safe to use from several threads at once.</remarks>
/// <typeparam name="TEntity">The entity class.</typeparam>
/// <typeparam name="TState">Its state.</typeparam>
/// <typeparam name="TEvent">Its events.</typeparam>
public sealed class EntityFork<TEntity, TState, TEvent>
    where TEntity : Entity<TEntity, TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    private readonly Entity<TEntity, TState, TEvent> _entity;
    private readonly List<TEvent> _events = [];

    internal EntityFork(Entity<TEntity, TState, TEvent> entity, PastState<TState> past)
    {
        _entity = entity;
        Past = past;
        State = past.State;
        Now = past.At ?? DateTimeOffset.UnixEpoch;
    }

    /// <summary>Where it began.</summary>
    public PastState<TState> Past { get; }

    /// <summary>The state now.</summary>
    public TState State { get; private set; }

    /// <summary>The events since the fork, in order.</summary>
    public IReadOnlyList<TEvent> Events => _events;

    /// <summary>The time that commands are decided at. At first that of <see cref="Past"/>, or the beginning of 1970 if that has none; it moves only when it is set.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Decides a command, and goes on from the state after its events.</summary>
    /// <param name="command">The command.</param>
    /// <param name="id">Its id, for handlers that look at it; all zeros by default.</param>
    /// <typeparam name="TReply">The reply of the command.</typeparam>
    /// <returns>The decision, spelled out; a rejection leaves the state as it was, and so does an exception of the handler or of <c>Apply</c>.</returns>
    /// <exception cref="ArgumentException">The entity has no handler for the command.</exception>
    public Decision<TState, TEvent, TReply> Do<TReply>(ICommand<TEntity, TReply> command, CommandId id = default)
        where TReply : notnull
    {
        var decision = _entity.Decide(State, command, new CommandContext(Past.Entity, Now, id));
        State = decision.State;
        _events.AddRange(decision.Events);
        return decision;
    }
}
