using System.Collections.Immutable;

namespace ActorGrid.Actors;

/// <summary>What happens in a system, for whoever wants to know, within the process: who publishes does not know who subscribed. Thread-safe.</summary>
/// <remarks>
/// <para>An event goes to every subscription whose type it fits (its class, a base class, or an interface), once for each, in the order in which they were made. Each subscriber gets the events of one
/// publisher in the order in which they were published; those of different publishers interleave.</para>
/// <para>Nothing is kept: who subscribes later has missed what was published before. The stream has no queue of its own: an event waits in the mailboxes of its subscribers, which are as bounded
/// as they were spawned. A subscriber without room misses the event, alone, and it becomes a dead letter, whatever <see cref="MailboxOverflow"/> says: the publisher never waits, and never sees an
/// exception.</para>
/// <para>ActorGrid publishes each <see cref="DeadLetter"/>.</para>
/// </remarks>
public sealed class EventStream
{
    private readonly Lock _changing = new();
    private readonly SortedDictionary<long, EventSubscription> _all = [];
    private readonly Dictionary<(ActorRef Actor, Type EventType), EventSubscription> _ofActors = [];

    /// <summary>Who gets events of a class, as far as that was looked up since the last change.</summary>
    private ImmutableDictionary<Type, EventSubscription[]> _routes = ImmutableDictionary<Type, EventSubscription[]>.Empty;
    private long _lastNumber;

    internal EventStream(ActorSystem system) => System = system;

    internal ActorSystem System { get; }

    /// <summary>Hands an event to all whose subscription it fits. Returns when it is in their mailboxes, and the observers have been called.</summary>
    /// <typeparam name="TEvent">Of no importance: what counts is the event's own class.</typeparam>
    /// <param name="event">The event; it must not change afterwards.</param>
    public void Publish<TEvent>(TEvent @event)
        where TEvent : notnull
    {
        object published = @event;
        foreach (EventSubscription subscription in RouteOf(published.GetType())) subscription.Deliver(published);
    }

    /// <summary>Sends an actor every event that is a <typeparamref name="TEvent"/>, which is what the actor understands.</summary>
    /// <remarks>The subscription outlives restarts, and ends with the actor. A second one of the same actor to the same type takes the place of the first, so an actor may subscribe in
    /// OnStartAsync.</remarks>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <param name="subscriber">The actor.</param>
    /// <returns>Dispose it to get no more; what is published on another thread meanwhile may still arrive.</returns>
    public IDisposable Subscribe<TEvent>(ActorRef<TEvent> subscriber) => Subscribe<TEvent, TEvent>(subscriber, static published => published);

    /// <summary>Sends an actor every event that is a <typeparamref name="TEvent"/>, as a message that it understands.</summary>
    /// <remarks>The subscription outlives restarts, and ends with the actor. A second one of the same actor to the same type takes the place of the first, so an actor may subscribe in
    /// OnStartAsync.</remarks>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <typeparam name="TMessage">What the actor understands.</typeparam>
    /// <param name="subscriber">The actor.</param>
    /// <param name="map">Makes the message. Called on the publisher's thread: it must be quick and pure. If it throws, that is logged, and the event does not reach this subscriber.</param>
    /// <returns>Dispose it to get no more; what is published on another thread meanwhile may still arrive.</returns>
    public IDisposable Subscribe<TEvent, TMessage>(ActorRef<TMessage> subscriber, Func<TEvent, TMessage> map)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(map);
        var subscription = new ActorSubscription<TEvent, TMessage>(this, subscriber, map);
        EventSubscription? before;
        lock (_changing)
        {
            if (_ofActors.Remove((subscriber, typeof(TEvent)), out before)) _all.Remove(before.Number);
            _ofActors.Add((subscriber, typeof(TEvent)), subscription);
            Add(subscription);
        }

        before?.End();
        subscription.WatchActor();
        return subscription;
    }

    /// <summary>Shows every event that is a <typeparamref name="TEvent"/> to code outside of actors.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <param name="observer">Called on the publisher's thread, and by several at once: it must be quick and thread-safe. If it throws, that is logged.</param>
    /// <returns>Dispose it to see no more; what is published on another thread meanwhile may still be shown.</returns>
    public IDisposable Subscribe<TEvent>(Action<TEvent> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var subscription = new ObserverSubscription<TEvent>(this, observer);
        lock (_changing) Add(subscription);
        return subscription;
    }

    internal bool HasSubscribers(Type eventClass) => RouteOf(eventClass).Length > 0;

    internal void Remove(EventSubscription subscription)
    {
        lock (_changing)
        {
            if (!_all.Remove(subscription.Number)) return;
            if (subscription.Actor is { } actor) _ofActors.Remove((actor, subscription.EventType));
            _routes = _routes.Clear();
        }
    }

    private void Add(EventSubscription subscription)
    {
        subscription.Number = ++_lastNumber;
        _all.Add(subscription.Number, subscription);
        _routes = _routes.Clear();
    }

    private EventSubscription[] RouteOf(Type eventClass)
    {
        if (Volatile.Read(ref _routes).TryGetValue(eventClass, out EventSubscription[]? route)) return route;
        lock (_changing)
        {
            route = [.. _all.Values.Where(subscription => subscription.EventType.IsAssignableFrom(eventClass))];
            Volatile.Write(ref _routes, _routes.SetItem(eventClass, route));
            return route;
        }
    }
}
