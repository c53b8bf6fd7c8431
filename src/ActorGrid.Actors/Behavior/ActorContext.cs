using Microsoft.Extensions.Logging;

namespace ActorGrid.Actors;

/// <summary>What an actor can do in its system. Only for the actor itself, on its own turn: used from elsewhere its members throw
/// <see cref="InvalidOperationException"/>.</summary>
/// <typeparam name="TMessage">What the actor understands.</typeparam>
public readonly struct ActorContext<TMessage>
{
    private readonly ActorCell<TMessage> _cell;

    internal ActorContext(ActorCell<TMessage> cell) => _cell = cell;

    /// <summary>The actor's own reference. May be used from anywhere.</summary>
    public ActorRef<TMessage> Self => _cell.Self;

    /// <summary>The system that the actor lives in. May be used from anywhere.</summary>
    public ActorSystem System => _cell.System;

    /// <summary>The system's clock. May be used from anywhere.</summary>
    public TimeProvider Time => _cell.System.Time;

    /// <summary>The system's source of randomness, thread-safe. May be used from anywhere.</summary>
    public Random Random => _cell.System.Random;

    /// <summary>A logger named after the actor's class.</summary>
    public ILogger Logger => _cell.Logger;

    /// <summary>The actor's timers.</summary>
    public ActorTimers<TMessage> Timers => new(InTurn());

    /// <summary>Starts a child. This actor decides about its failures, and stops after it.</summary>
    /// <typeparam name="TChild">What the child understands.</typeparam>
    /// <param name="factory">Makes an instance, for the start and for every restart. Sharing one delegate among many actors saves memory.</param>
    /// <param name="name">Unique among the children; default: a number. Must not contain '/' or begin with '$'.</param>
    /// <param name="options">Default: an unbounded mailbox on the system's dispatcher.</param>
    /// <returns>The child's reference.</returns>
    /// <exception cref="ArgumentException">The name is not allowed, or the options prioritize messages of another type.</exception>
    /// <exception cref="InvalidOperationException">There is a child of that name, or this actor is stopping.</exception>
    public ActorRef<TChild> Spawn<TChild>(Func<Actor<TChild>> factory, string? name = null, SpawnOptions? options = null) =>
        _cell.System.Spawn(InTurn(), factory, name, options);

    /// <summary>Starts a pool of like actors below this one, which share the messages.</summary>
    /// <typeparam name="TChild">What they understand.</typeparam>
    /// <param name="factory">Makes the instances.</param>
    /// <param name="options">How many, and how they are supervised.</param>
    /// <param name="name">The pool's name; default: a number.</param>
    /// <param name="routing">Who gets which message. Default: <see cref="Routing{TMessage}.RoundRobin"/>.</param>
    /// <returns>A reference that hands each message on. Stopping it stops them all.</returns>
    /// <exception cref="ArgumentException">The name is not allowed, the options of the routees prioritize messages of another type, or their mailboxes are full before a pool with a
    /// <see cref="PoolOptions.Resizing"/> would grow.</exception>
    /// <exception cref="InvalidOperationException">There is a child of that name, or this actor is stopping.</exception>
    public PoolRef<TChild> SpawnPool<TChild>(Func<Actor<TChild>> factory, PoolOptions options, string? name = null, Routing<TChild>? routing = null) =>
        _cell.System.SpawnPool(InTurn(), factory, options, name, routing);

    /// <summary>Starts a router below this one, over actors that there are already.</summary>
    /// <typeparam name="TRoutee">What they understand.</typeparam>
    /// <param name="routees">The actors, in the order in which the routing knows them; at least one.</param>
    /// <param name="name">The router's name; default: a number.</param>
    /// <param name="routing">Who gets which message. Default: <see cref="Routing{TMessage}.RoundRobin"/>.</param>
    /// <returns>A reference that hands each message on. Stopping it does not stop them.</returns>
    /// <exception cref="ArgumentException">There are no routees, one of them is null, the name is not allowed, or the routing is <see cref="Routing{TMessage}.SmallestMailbox"/> and a routee's mailbox
    /// has no bound.</exception>
    /// <exception cref="InvalidOperationException">There is a child of that name, or this actor is stopping.</exception>
    public RouterRef<TRoutee> SpawnRouter<TRoutee>(IEnumerable<ActorRef<TRoutee>> routees, string? name = null, Routing<TRoutee>? routing = null) =>
        _cell.System.SpawnRouter(InTurn(), routees, name, routing);

    /// <summary>Stops an actor as <see cref="ActorRef.Stop"/> does.</summary>
    /// <param name="other">A child, usually.</param>
    public void Stop(ActorRef other) => other.Stop();

    /// <summary>Stops this actor after the message that it is handling.</summary>
    public void StopSelf() => InTurn().Send(new StopSignal());

    /// <summary>Lets <paramref name="message"/> be sent to this actor when <paramref name="other"/> has stopped (at once if it has already), after everything
    /// that the other sent to it. A second watch of the same actor takes the place of the first.</summary>
    /// <param name="other">Whom to watch.</param>
    /// <param name="message">What to receive.</param>
    public void Watch(ActorRef other, TMessage message) => InTurn().Watch(other, message);

    /// <summary>Calls a watch off. Its message is not handled any more, even if it has been sent.</summary>
    /// <param name="other">Whom not to watch any more.</param>
    public void Unwatch(ActorRef other) => InTurn().Unwatch(other);

    /// <summary>Puts the message that is being handled aside, for <see cref="UnstashAll"/>. On a restart the stash goes back to the mailbox.</summary>
    /// <exception cref="InvalidOperationException">No message is being handled, it was stashed already, or the stash is full (<see cref="SpawnOptions.StashCapacity"/>).</exception>
    public void Stash() => InTurn().StashCurrent();

    /// <summary>Puts all stashed messages back to the front of the mailbox, in the order in which they came.</summary>
    public void UnstashAll() => InTurn().UnstashAll();

    /// <summary>Lets <paramref name="handler"/> handle the messages from the next one on, in place of what handles them now. A restart goes back to the actor's own <c>OnMessageAsync</c>.</summary>
    /// <param name="handler">Under the same rules as <c>OnMessageAsync</c>. A delegate kept in a field is not made anew each time.</param>
    public void Become(Func<TMessage, ValueTask> handler) => InTurn().Become(handler);

    /// <summary>Lets <paramref name="handler"/> handle the messages from the next one on, until <see cref="UnbecomeStacked"/> goes back to what handles them now.</summary>
    /// <param name="handler">Under the same rules as <c>OnMessageAsync</c>.</param>
    /// <exception cref="InvalidOperationException">There are 64 behaviors on the stack already.</exception>
    public void BecomeStacked(Func<TMessage, ValueTask> handler) => InTurn().BecomeStacked(handler);

    /// <summary>Goes back, from the next message on, to what handled the messages before the last <see cref="BecomeStacked"/>, or before the first <see cref="Become"/>: at the bottom is the
    /// actor's own <c>OnMessageAsync</c>.</summary>
    /// <returns><see langword="false"/> if it is that already.</returns>
    public bool UnbecomeStacked() => InTurn().UnbecomeStacked();

    /// <summary>Sends the outcome of <paramref name="task"/> to this actor as a message, without holding up others meanwhile. The mappings run on the actor's turn.
    /// If the actor has been restarted meanwhile, its new instance gets the message.</summary>
    /// <typeparam name="TResult">The task's result.</typeparam>
    /// <param name="task">What to wait for.</param>
    /// <param name="onSuccess">Makes the message from the result.</param>
    /// <param name="onFailure">Makes the message from the exception of the task, or of <paramref name="onSuccess"/>.</param>
    public void PipeToSelf<TResult>(Task<TResult> task, Func<TResult, TMessage> onSuccess, Func<Exception, TMessage> onFailure) =>
        InTurn().Pipe(task, onSuccess, onFailure);

    private ActorCell<TMessage> InTurn()
    {
        _cell.AssertInTurn();
        return _cell;
    }
}
