using System.Buffers;
using System.Collections.Frozen;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>A registered entity type with its state and events known.</summary>
internal sealed partial class EntityType<TSelf, TState, TEvent> : EntityType, ITypeInside<TState, TEvent>
    where TSelf : Entity<TSelf, TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    private readonly FrozenDictionary<Type, BoundHandler<TState, TEvent>> _handlersByType;
    private readonly FrozenDictionary<string, BoundHandler<TState, TEvent>> _handlersByName;
    private readonly FrozenDictionary<Type, EventCodec<TEvent>> _eventsByType;
    private readonly FrozenDictionary<string, EventCodec<TEvent>> _eventsByManifest;

    private EntityType(
        string name, TSelf entity, EntityOptions options, IReadOnlyList<BoundHandler<TState, TEvent>> handlers,
        IReadOnlyList<EventCodec<TEvent>> events, IReadOnlyList<EventCodec<TEvent>> olderEvents, MessageCodec<TState> stateCodec)
        : base(name, typeof(TSelf), options)
    {
        Entity = entity;
        OnDurable = (options as EntityOptions<TState>)?.OnDurable;
        StateCodec = stateCodec;
        _handlersByType = handlers.ToFrozenDictionary(h => h.CommandType);
        _handlersByName = handlers.ToFrozenDictionary(h => h.Name, StringComparer.Ordinal);
        _eventsByType = events.ToFrozenDictionary(e => e.EventType);
        _eventsByManifest = events.Concat(olderEvents).ToFrozenDictionary(e => e.Manifest, StringComparer.Ordinal);
    }

    public TSelf Entity { get; }

    public MessageCodec<TState> StateCodec { get; }

    public Action<EntityId, TState>? OnDurable { get; }

    public static EntityType<TSelf, TState, TEvent> Build(string name, TSelf entity, ICodecSource codecs, EntityOptions options)
    {
        if (options.GetType() != typeof(EntityOptions) && options is not EntityOptions<TState>)
        {
            throw new EntityRegistrationException(
                $"'{name}' has the state {typeof(TState)}, but its options are {options.GetType()}: use EntityOptions<{CSharpName.Of(typeof(TState))}>.");
        }
        if (entity.Handlers.Count == 0)
        {
            throw new EntityRegistrationException($"{typeof(TSelf).Name} has no handler: call On<TCommand, TReply>(\"name\", handler) in its constructor.");
        }
        // All that is missing at once: whoever forgot one line has often forgotten two.
        var missing = new List<string>();
        var handlers = entity.Handlers.Select(handler => TryFind(() => handler.Bind(codecs), missing)).ToList();
        var state = TryFind(() => codecs.Find<TState>("state", "state"), missing);
        var found = TryFind(codecs.Events<TEvent>, missing);
        if (missing.Count > 0) throw new EntityRegistrationException(string.Join(Environment.NewLine, missing.Distinct(StringComparer.Ordinal)));
        var events = found!;
        if (events.GroupBy(e => e.Manifest, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new EntityRegistrationException(
                $"The event name '{twice.Key}' of '{name}' stands for {string.Join(" and for ", twice.Select(e => e.EventType.Name))}: give one of them another.");
        }
        if (events.GroupBy(e => e.EventType).FirstOrDefault(g => g.Count() > 1) is { } twoNames)
        {
            throw new EntityRegistrationException(
                $"The event {twoNames.Key.Name} of '{name}' has the names {string.Join(" and ", twoNames.Select(e => e.Manifest))}: keep one.");
        }
        if (options.Keys is not null)
        {
            // The shard deals with it, so there is nothing to decide; its name lets it go over the wire as any command.
            handlers.Add(new BoundHandler<TSelf, TState, TEvent, ForgetEntity<TSelf>, Done>(
                ForgetEntityCodec<TSelf>.Name, static (_, _, _) => throw new InvalidOperationException("It is not for the entity to forget itself."),
                new ForgetEntityCodec<TSelf>(), replyCodec: null));
        }
        var older = UpcastChains.Of(name, typeof(TSelf), events, entity.Upcasters);
        return new EntityType<TSelf, TState, TEvent>(name, entity, options, [.. handlers.OfType<BoundHandler<TState, TEvent>>(), new RepairHandler<TSelf, TState, TEvent>()], events, older, state!);
    }

    private static T? TryFind<T>(Func<T> find, List<string> missing)
        where T : class
    {
        try
        {
            return find();
        }
        catch (EntityRegistrationException e)
        {
            missing.Add(e.Message);
            return null;
        }
    }

    internal override EntitySlot NewSlot(EntityId id) => new EntitySlot<TSelf, TState, TEvent>(id, this);

    internal override bool Handles(Type commandType) => _handlersByType.ContainsKey(commandType);

    internal override bool Handles(string command) => _handlersByName.ContainsKey(command);

    internal override string NameOf(Type commandType) => _handlersByType[commandType].Name;

    internal override void EncodeCommand(object command, IBufferWriter<byte> output) => _handlersByType[command.GetType()].EncodeCommand(command, output);

    internal override void HoldEncoded(IEntityCall call, ReadOnlyMemory<byte> reply) => _handlersByType[call.Command.GetType()].HoldRecorded(call, reply);

    internal override object? DecodeCommand(string name, ReadOnlySpan<byte> payload) => FindHandler(name)?.DecodeCommand(payload);

    public TState Apply(TState state, TEvent e) => Entity.Apply(state, e);

    public BoundHandler<TState, TEvent>? FindHandler(Type commandType) => _handlersByType.GetValueOrDefault(commandType);

    public BoundHandler<TState, TEvent>? FindHandler(string name) => _handlersByName.GetValueOrDefault(name);

    /// <summary>The codec of an event that a handler made.</summary>
    /// <exception cref="InvalidOperationException">The event's type was not registered.</exception>
    public EventCodec<TEvent> EventOf(TEvent e) => _eventsByType.GetValueOrDefault(e.GetType())
        ?? throw new InvalidOperationException(
            $"The event {e.GetType().Name} of '{Name}' has no name: add [JsonDerivedType(typeof({e.GetType().Name}), \"name\")] to {typeof(TEvent).Name}.");
}
