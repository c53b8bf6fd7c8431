namespace ActorGrid.Persistence;

/// <summary>A command: what one entity of type <typeparamref name="TEntity"/> is asked to do. Make it an immutable record.</summary>
/// <remarks>
/// The entity and the reply are part of the type, so a command sent to another kind of entity, and a handler with another reply, do not
/// compile.
/// </remarks>
/// <typeparam name="TEntity">The entity type that handles it.</typeparam>
/// <typeparam name="TReply">What the entity answers; <see cref="Done"/> where there is nothing to say.</typeparam>
// The type parameters are the contract; there is nothing for an implementation to do.
public interface ICommand<TEntity, TReply>
    where TEntity : Entity
    where TReply : notnull;

/// <summary>The reply that says only: it is done, and durable.</summary>
/// <remarks>Needs no entry in a <c>JsonSerializerContext</c>.</remarks>
public readonly record struct Done;
