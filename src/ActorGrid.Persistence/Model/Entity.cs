using System.Text.Json.Nodes;

namespace ActorGrid.Persistence;

/// <summary>The base of all entities; derive from <see cref="Entity{TSelf, TState, TEvent}"/>.</summary>
public abstract class Entity
{
    private protected Entity()
    {
    }

    internal abstract EntityType Register(string name, ICodecSource codecs, EntityOptions options);
}

/// <summary>
/// An entity: commands are decided against its state by pure handlers, decisions are events, and the state is what the events add up to.
/// One object of this class serves all entities of its type; what differs between them is the state.
/// </summary>
/// <remarks>
/// <para>Handlers, <see cref="Apply"/> and the functions given to <c>Reply</c> are pure: no clock, no randomness, no I/O, no fields that
/// change. They run again on
/// replay and when a commit has to be tried anew.</para>
/// <para>States, commands, events and replies are immutable values: the runtime keeps several versions of a state side by side and reads
/// them from several threads.</para>
/// </remarks>
/// <typeparam name="TSelf">The class itself.</typeparam>
/// <typeparam name="TState">The state, an immutable value.</typeparam>
/// <typeparam name="TEvent">The base of its events: with a <c>[JsonDerivedType(typeof(X), "name")]</c> for each.</typeparam>
public abstract class Entity<TSelf, TState, TEvent> : Entity
    where TSelf : Entity<TSelf, TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    private readonly Dictionary<Type, CommandHandler<TState, TEvent>> _handlers = [];
    private readonly List<EventUpcaster> _upcasters = [];

    /// <summary>The state before the first event.</summary>
    public abstract TState Initial { get; }

    internal IReadOnlyCollection<CommandHandler<TState, TEvent>> Handlers => _handlers.Values;

    internal IReadOnlyList<EventUpcaster> Upcasters => _upcasters;

    /// <summary>The state after an event. Pure; it must accept every event that was ever persisted, and throws <see cref="Unknown"/> for
    /// others.</summary>
    public abstract TState Apply(TState state, TEvent e);

    /// <summary>The state that a history adds up to, from <see cref="Initial"/> on; for tests.</summary>
    public TState Replay(params IEnumerable<TEvent> events) => events.Aggregate(Initial, Apply);

    /// <summary>Decides a command as the runtime would, and spells the decision out; for tests.</summary>
    /// <param name="state">The state to decide on.</param>
    /// <param name="command">The command.</param>
    /// <param name="at">The setting; by default it is empty: no entity, the year 1.</param>
    /// <typeparam name="TReply">The reply of the command.</typeparam>
    /// <exception cref="ArgumentException">The entity has no handler for the command.</exception>
    public Decision<TState, TEvent, TReply> Decide<TReply>(TState state, ICommand<TSelf, TReply> command, CommandContext at = default)
        where TReply : notnull
    {
        if (!_handlers.TryGetValue(command.GetType(), out var handler))
        {
            throw new ArgumentException($"{typeof(TSelf).Name} has no handler for {command.GetType().Name}: add On<{command.GetType().Name}, "
                + $"{typeof(TReply).Name}>(...) to its constructor.", nameof(command));
        }
        return ((IDecidesTyped<TState, TEvent, TReply>)handler).Decide(state, command, at, Apply);
    }

    /// <summary>Registers the handler of a command. Call it in the constructor, once for each command.</summary>
    /// <param name="name">The stable name of the command in the store and on the wire, 1 to 200 characters, unique for the entity
    /// type.</param>
    /// <param name="handler">A pure function of the state, the command and its setting.</param>
    /// <typeparam name="TCommand">The command, exactly this type.</typeparam>
    /// <typeparam name="TReply">Its reply.</typeparam>
    /// <exception cref="ArgumentException">The command or the name has a handler already.</exception>
    protected void On<TCommand, TReply>(string name, Func<TState, TCommand, CommandContext, Effect<TSelf, TReply>> handler)
        where TCommand : ICommand<TSelf, TReply>
        where TReply : notnull
    {
        ReminderName.Check(name);
        ArgumentNullException.ThrowIfNull(handler);
        if (_handlers.Values.FirstOrDefault(h => h.Name == name) is { } sameName)
        {
            throw new ArgumentException($"{typeof(TSelf).Name} handles both {sameName.CommandType.Name} and {typeof(TCommand).Name} under the name '{name}': "
                + "give one of them another.", nameof(name));
        }
        if (!_handlers.TryAdd(typeof(TCommand), new CommandHandler<TSelf, TState, TEvent, TCommand, TReply>(name, handler)))
        {
            throw new ArgumentException($"{typeof(TSelf).Name} has two handlers for {typeof(TCommand).Name}: keep one.", nameof(handler));
        }
    }

    /// <summary>
    /// Says how an older version of an event is read: as JSON, which becomes that of the next version, so that the type it once had need not be kept. Call it in the
    /// constructor, once for each version without a type. Steps follow on each other: an event of version 1 goes through those from 1 and from 2 to become one of version 3.
    /// </summary>
    /// <remarks>
    /// The version stands in the name of the event: <c>[JsonDerivedType(typeof(Deposited), "deposited@2")]</c>; a name without one is the first version, as all are that were
    /// written before. What is stored is never changed, and new events are written in the version of their type. Events of a codec of one's own are upcast here if they are
    /// stored as JSON objects; else that codec reads its older formats by itself.
    /// </remarks>
    /// <param name="name">The name of the event, without a version.</param>
    /// <param name="from">The version that is read, from 1 to 9998.</param>
    /// <param name="upcast">A pure function from an event of that version to the next; it may change what it is given and return it. What it throws quarantines the entity.</param>
    /// <exception cref="ArgumentException">The name is empty or ends with a version, or that version of the event has an upcaster already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The version is out of range.</exception>
    protected void Upcast(string name, int from, Func<JsonObject, JsonObject> upcast)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(from, EventVersion.Max);
        ArgumentNullException.ThrowIfNull(upcast);
        if (EventVersion.Of(name).Version != 1) throw new ArgumentException($"'{name}' ends with a version: give the name alone, and the version as '{nameof(from)}'.", nameof(name));
        var version = new EventVersion(name, from);
        if (_upcasters.Exists(other => other.From == version))
        {
            throw new ArgumentException($"{typeof(TSelf).Name} has two upcasters of '{name}' from version {from}: keep one.", nameof(from));
        }
        _upcasters.Add(new EventUpcaster(version, upcast));
    }

    /// <summary>Persists an event.</summary>
    protected static Persisting<TSelf, TState, TEvent> Persist(TEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return new Persisting<TSelf, TState, TEvent>(e, several: null, last: null);
    }

    /// <summary>Persists several events, in order, in one commit. Without any, only what goes with them is persisted (a reminder, an
    /// attachment).</summary>
    protected static Persisting<TSelf, TState, TEvent> Persist(params IReadOnlyList<TEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return new Persisting<TSelf, TState, TEvent>(single: null, events, last: null);
    }

    /// <summary>Answers without persisting anything. Nothing is kept of the command: sent again, it is decided again.</summary>
    protected static Effect<TSelf, TReply> Answer<TReply>(TReply reply)
        where TReply : notnull => Effect<TSelf, TReply>.OfAnswer(reply);

    /// <summary>Rejects the command; the caller gets a <see cref="CommandRejectedException"/> with the reason, and again if it sends the
    /// command again.</summary>
    /// <param name="reason">Why, for the caller; not empty.</param>
    protected static Rejection Reject(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new Rejection(reason);
    }

    /// <summary>What <see cref="Apply"/> throws on an event that it does not know: the entity is quarantined rather than the event
    /// skipped.</summary>
    protected static Exception Unknown(TEvent e) =>
        new InvalidOperationException($"{typeof(TSelf).Name} does not know how to apply {e.GetType().Name}: add it to Apply.");

    internal sealed override EntityType Register(string name, ICodecSource codecs, EntityOptions options) =>
        EntityType<TSelf, TState, TEvent>.Build(name, (TSelf)this, codecs, options);
}
