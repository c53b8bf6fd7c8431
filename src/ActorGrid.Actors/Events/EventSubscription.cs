namespace ActorGrid.Actors;

/// <summary>One subscription to an <see cref="EventStream"/>. That of an actor watches it, and ends with it.</summary>
internal abstract class EventSubscription(EventStream stream, ActorRef? actor) : IDisposable, IWatcher
{
    private bool _hasEnded;

    public abstract Type EventType { get; }

    public ActorRef? Actor => actor;

    /// <summary>Where it stands in the order of all. Belongs to the stream's lock.</summary>
    public long Number { get; set; }

    /// <summary>For any thread. The publisher is never made to suffer for its subscribers.</summary>
    public void Deliver(object published)
    {
        if (Volatile.Read(ref _hasEnded)) return;
        try
        {
            Take(published);
        }
        catch (Exception e)
        {
            stream.System.OnSubscriberFailed(published.GetType(), actor, e);
        }
    }

    /// <summary>Lets it end with its actor. Called once.</summary>
    public void WatchActor()
    {
        actor!.Cell.Send(new WatchSignal(this));
        // Where another subscription of the actor has taken its place meanwhile, the end of the watch may have come before its beginning.
        if (Volatile.Read(ref _hasEnded)) actor.Cell.Send(new UnwatchSignal(this));
    }

    public void Dispose()
    {
        stream.Remove(this);
        End();
    }

    /// <summary>Takes nothing more; the stream has let go of it.</summary>
    public void End()
    {
        if (Volatile.Read(ref _hasEnded)) return;
        Volatile.Write(ref _hasEnded, true);
        actor?.Cell.Send(new UnwatchSignal(this));
    }

    public void OnTerminated()
    {
        Volatile.Write(ref _hasEnded, true);
        stream.Remove(this);
    }

    protected abstract void Take(object published);
}

internal sealed class ActorSubscription<TEvent, TMessage>(EventStream stream, ActorRef<TMessage> subscriber, Func<TEvent, TMessage> map) : EventSubscription(stream, subscriber)
{
    private readonly ActorRef<TMessage> _subscriber = subscriber;
    private readonly DeadLetters _deadLetters = stream.System.DeadLetters;

    public override Type EventType => typeof(TEvent);

    protected override void Take(object published)
    {
        TMessage message = map((TEvent)published);
        try
        {
            _subscriber.Tell(message);
        }
        catch (MailboxFullException full)
        {
            // The mailbox would have its sender fail. The publisher is none: it has not chosen whom it sends to.
            _deadLetters.Add(message, full.Path, DeadLetterReason.MailboxFull);
        }
    }
}

internal sealed class ObserverSubscription<TEvent>(EventStream stream, Action<TEvent> observer) : EventSubscription(stream, actor: null)
{
    public override Type EventType => typeof(TEvent);

    protected override void Take(object published) => observer((TEvent)published);
}
