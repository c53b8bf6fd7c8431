namespace ActorGrid.Persistence;

/// <summary>How an entity is asked, wherever it lives.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public interface IEntityRouter
{
    /// <summary>Asks an entity; the task ends with its reply once all that the reply rests on is durable.</summary>
    /// <param name="entity">The entity; its type must be registered under that name for <typeparamref name="TEntity"/>.</param>
    /// <param name="command">The command, an immutable value.</param>
    /// <param name="options">Timeout and command id; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the wait; the command may take effect all the same.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <typeparam name="TReply">The reply of the command.</typeparam>
    /// <returns>
    /// The reply, or one of: <see cref="CommandRejectedException"/>, <c>AskTimeoutException</c> (it may have taken effect, or may yet),
    /// <see cref="CommandFailedException"/>, <see cref="OutcomeUnknownException"/>, <see cref="QuarantinedException"/>, <see cref="EntityForgottenException"/>, <see
    /// cref="Actors.OverloadedException"/>,
    /// <see cref="OwnershipLostException"/>, <see cref="InvalidCommandIdException"/>, <see cref="StoreException"/>, <see
    /// cref="OperationCanceledException"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The address, the command or an option cannot be meant.</exception>
    Task<TReply> AskAsync<TEntity, TReply>(
        EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : Entity
        where TReply : notnull;
}

/// <summary>How an entity is asked.</summary>
public sealed record AskOptions
{
    /// <summary>How long to wait for the reply. Default 10 s; above 0, at most half of the time that replies are kept.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// The id of the command, for callers that may send it again, after their own death too; a new one is issued if null. Issue it with
    /// <see cref="Persistence.CommandId.New"/>, once, and keep it with what is to be done.
    /// </summary>
    public CommandId? CommandId { get; init; }
}
