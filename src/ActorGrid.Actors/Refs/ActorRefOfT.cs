namespace ActorGrid.Actors;

/// <summary>Refers to an actor that understands <typeparamref name="TMessage"/>.</summary>
/// <typeparam name="TMessage">What can be sent.</typeparam>
public abstract class ActorRef<TMessage> : ActorRef
{
    private protected ActorRef()
    {
    }

    /// <summary>Sends a message and does not wait. Messages of one sender arrive in the order in which it sent them (within a level, in a priority mailbox). What cannot be
    /// delivered (the actor has stopped, or its bounded mailbox drops) is a dead letter.</summary>
    /// <param name="message">The message; it must not change afterwards.</param>
    /// <exception cref="MailboxFullException">The mailbox is bounded, full, and set to <see cref="MailboxOverflow.FailSender"/>.</exception>
    public abstract void Tell(TMessage message);

    /// <summary>Sends a message if it can be delivered now; makes no dead letter.</summary>
    /// <param name="message">The message; it must not change afterwards.</param>
    /// <returns><see langword="false"/> if the actor has stopped or its mailbox is full.</returns>
    public abstract bool TryTell(TMessage message);

    /// <summary>Sends a message that carries a reply slot, and waits for the reply.</summary>
    /// <typeparam name="TReply">The reply.</typeparam>
    /// <param name="message">Makes the message from the reply slot.</param>
    /// <param name="timeout">How long to wait; more than zero.</param>
    /// <param name="cancellationToken">Gives up waiting; the message is not called back.</param>
    /// <returns>The reply. It fails with <see cref="AskTimeoutException"/>, with <see cref="ActorFailedException"/> if the handler threw before it replied, with
    /// <see cref="ActorStoppedException"/> if the actor stopped first, with <see cref="MailboxFullException"/>, with <see cref="OverloadedException"/> if too many asks are open, with <see cref="SystemStoppedException"/>
    /// if the system stopped before anybody replied, with <see cref="CallCycleException"/> if an actor waits for it while the one that it asked waits for that actor,
    /// or with what the actor gave to <see cref="ReplyTo{TReply}.Fail"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is not more than zero.</exception>
    public Task<TReply> AskAsync<TReply>(Func<ReplyTo<TReply>, TMessage> message, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (System.IsFullOfAsks) return Task.FromException<TReply>(System.RefuseAsk(this));
        var promise = new AskPromise<TReply>(this, timeout, cancellationToken);
        Ask(new AskEnvelope<TMessage>(message(new ReplyTo<TReply>(promise)), promise));
        if (SynchronizationContext.Current is ActorCell asker)
        {
            // What a token can end holds nobody up for good.
            if (cancellationToken.CanBeCanceled) asker.ForgetAsked();
            else asker.OnAsked(promise);
        }

        return promise.Task;
    }

    /// <summary>Delivers an ask, or fails it.</summary>
    internal abstract void Ask(AskEnvelope<TMessage> envelope);
}
