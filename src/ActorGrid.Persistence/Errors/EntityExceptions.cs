namespace ActorGrid.Persistence;

/// <summary>An entity type cannot be registered; the message names what is missing or named twice, and what to write.</summary>
/// <param name="message">What to add or to change.</param>
public sealed class EntityRegistrationException(string message) : Exception(message);

/// <summary>An ask of an entity ended without its reply.</summary>
/// <param name="entity">The entity.</param>
/// <param name="message">What happened.</param>
/// <param name="innerException">The cause, if there is one.</param>
public abstract class EntityException(EntityId entity, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The entity that was asked.</summary>
    public EntityId Entity { get; } = entity;
}

/// <summary>The entity rejected the command. That decision is kept: the same command, sent again, is rejected again.</summary>
/// <param name="entity">The entity.</param>
/// <param name="reason">The reason that the entity gave.</param>
public sealed class CommandRejectedException(EntityId entity, string reason) : EntityException(entity, $"{entity} rejected the command: {reason}")
{
    /// <summary>The reason that the entity gave.</summary>
    public string Reason { get; } = reason;
}

/// <summary>A handler, <c>Apply</c> or a reply function threw, or something could not be encoded. Nothing was persisted and the state is as
/// before.</summary>
/// <param name="entity">The entity.</param>
/// <param name="command">The name of the command.</param>
/// <param name="cause">What was thrown.</param>
public sealed class CommandFailedException(EntityId entity, string command, Exception cause)
    : EntityException(entity, $"'{command}' failed in {entity}, nothing was persisted: {cause.Message}", cause);

/// <summary>
/// It is not known whether the command took effect: its id is older than what is remembered, or the store cannot say, for good. It was not
/// executed now. Ask the entity for its state.
/// </summary>
/// <param name="entity">The entity.</param>
/// <param name="command">The id of the command.</param>
/// <param name="cause">Why the store cannot say; null: the id is too old.</param>
public sealed class OutcomeUnknownException(EntityId entity, CommandId command, Exception? cause = null)
    : EntityException(
        entity,
        cause is null
            ? $"The command {command} of {entity} was issued too long ago to know whether it took effect; it was not executed now."
            : $"Whether the command {command} of {entity} took effect cannot be looked up; it was not executed now: {cause.Message}",
        cause);

/// <summary>A command id cannot be taken: it was issued in the future, or belongs to another command.</summary>
/// <param name="entity">The entity.</param>
/// <param name="message">What is wrong with the id, and the remedy.</param>
public sealed class InvalidCommandIdException(EntityId entity, string message) : EntityException(entity, message);

/// <summary>The entity cannot be recovered from its history. Nothing was deleted and other entities are untouched; it is tried again after
/// it has been idle.</summary>
/// <param name="entity">The entity.</param>
/// <param name="sequence">The sequence number of the event at fault.</param>
/// <param name="cause">Why it could not be read or applied.</param>
public sealed class QuarantinedException(EntityId entity, long sequence, Exception cause)
    : EntityException(
        entity,
        $"{entity} cannot be recovered, its event {sequence} is at fault: {cause.Message} "
        + "[To go on: run code that can read and apply it (a preflight, GridPreflight, tries code on all entities without writing), or repair the entity (RepairAsync, or the command 'actorgrid journal repair').]",
        cause)
{
    /// <summary>The sequence number of the event at fault.</summary>
    public long Sequence { get; } = sequence;
}

/// <summary>The key of the entity was destroyed, so nothing that it stored can be read any more, by anybody. The command was not executed now. This is final, and nothing is wrong: a new person gets a new
/// entity.</summary>
/// <param name="entity">The entity.</param>
public sealed class EntityForgottenException(EntityId entity) : EntityException(entity, $"{entity} was forgotten: its key store says that its key was destroyed.");

/// <summary>The answer of another node cannot be decoded here, mostly since the nodes run different versions of the application. The
/// command may have taken effect.</summary>
/// <param name="entity">The entity.</param>
/// <param name="command">The name of the command.</param>
/// <param name="cause">What the codec threw.</param>
public sealed class UnreadableReplyException(EntityId entity, string command, Exception cause)
    : EntityException(
        entity, $"The answer of {entity} to '{command}' cannot be decoded: {cause.Message}. Give this node the codec that the entity's node has.", cause);

/// <summary>What another node said of an error, where the exception itself stayed there.</summary>
/// <param name="message">Its message.</param>
public sealed class RemoteFaultException(string message) : Exception(message);

/// <summary>This node does not own the shard of the entity, or not any more. What was decided but not durable was dropped; send the command
/// again, under the same id.</summary>
/// <param name="entity">The entity.</param>
/// <param name="shard">Its shard.</param>
/// <param name="message">Why.</param>
public sealed class OwnershipLostException(EntityId entity, ShardId shard, string message) : EntityException(entity, $"{entity} of {shard}: {message}")
{
    /// <summary>The shard of the entity.</summary>
    public ShardId Shard { get; } = shard;
}
