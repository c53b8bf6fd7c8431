using ActorGrid.Persistence;

namespace ActorGrid;

/// <summary>A reference to one entity, made by <see cref="IGrid.Entity{TEntity}"/>.</summary>
/// <remarks>A small immutable value, safe to use from any thread and to keep.</remarks>
/// <typeparam name="TEntity">The entity class.</typeparam>
public readonly struct EntityRef<TEntity>
    where TEntity : Entity
{
    private readonly IEntityRouter? _router;

    internal EntityRef(IEntityRouter router, EntityId id)
    {
        _router = router;
        Id = id;
    }

    /// <summary>The address of the entity.</summary>
    public EntityId Id { get; }

    /// <summary>
    /// Asks the entity. The reply comes once all that it rests on is durable; the ask ends by its deadline (10 s unless the options say otherwise) in any case.
    /// </summary>
    /// <param name="command">The command, an immutable value.</param>
    /// <param name="options">Timeout and command id; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the wait; the command may take effect all the same.</param>
    /// <typeparam name="TReply">The reply of the command.</typeparam>
    /// <returns>
    /// The reply, or one of: <see cref="CommandRejectedException"/>, <see cref="ActorGrid.Actors.AskTimeoutException"/> (it may have taken effect, or may yet),
    /// <see cref="CommandFailedException"/>, <see cref="OutcomeUnknownException"/>, <see cref="QuarantinedException"/>, <see cref="EntityForgottenException"/>,
    /// <see cref="ActorGrid.Actors.OverloadedException"/>,
    /// <see cref="OwnershipLostException"/>, <see cref="InvalidCommandIdException"/>, <see cref="StoreException"/>, <see cref="OperationCanceledException"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The entity has no handler for the command, or the timeout is out of range.</exception>
    /// <exception cref="InvalidOperationException">The reference is a default value.</exception>
    public Task<TReply> AskAsync<TReply>(ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
        where TReply : notnull => (_router ?? throw new InvalidOperationException("This reference names no entity: get one from IGrid.Entity."))
        .AskAsync(Id, command, options, cancellationToken);

    /// <summary>
    /// Drops the entity from memory after its key was destroyed in the key store of its type (<see cref="EntityOptions.Keys"/>). The task ends well when the owner of the entity has itself been told by the
    /// key store that the entity was forgotten, and holds nothing of its state any more; from then on each ask ends with <see cref="EntityForgottenException"/>. To be sent again if it fails.
    /// </summary>
    /// <param name="options">Timeout; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the wait; the entity may be dropped all the same.</param>
    /// <returns>
    /// Done, or one of: <see cref="CommandRejectedException"/> (the key store still has a key), <see cref="CommandFailedException"/> (the key store failed), and what <see cref="AskAsync{TReply}"/> ends with.
    /// </returns>
    /// <exception cref="ArgumentException">The type of the entity is not encrypted, or the timeout is out of range.</exception>
    /// <exception cref="InvalidOperationException">The reference is a default value.</exception>
    public Task ForgetAsync(AskOptions? options = null, CancellationToken cancellationToken = default) => AskAsync(new ForgetEntity<TEntity>(), options, cancellationToken);

    /// <summary>
    /// Lets the entity go on, which is quarantined, by an explicit act that is recorded in its history. Its owner tries first whether the entity recovers with it. <see cref="IGrid.History{TEntity}"/> tells
    /// what is at fault, by <see cref="EntityHistory.InspectAsync"/>.
    /// </summary>
    /// <param name="repair">What is to count in the place of what is at fault, who decided that, and why.</param>
    /// <param name="options">Timeout and command id; the defaults if null. A long history takes its time.</param>
    /// <param name="cancellationToken">Ends the wait; the repair may take effect all the same.</param>
    /// <returns>Where it is recorded; or, beside the outcomes of any ask, a <see cref="CommandRejectedException"/>: the entity is not quarantined, or would still not recover, and the reason names the next
    /// event at fault.</returns>
    /// <exception cref="ArgumentException">The repair has no steps, or the timeout is out of range.</exception>
    /// <exception cref="InvalidOperationException">The reference is a default value.</exception>
    public Task<RepairReceipt> RepairAsync(Repair repair, AskOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new RepairEntity<TEntity>(repair), options, cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => Id.ToString();
}
