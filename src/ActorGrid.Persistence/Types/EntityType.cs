using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json.Serialization;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// A registered entity type: its name, its handlers and the codecs of all that it stores. Registration checks everything, so that nothing
/// is found missing later.
/// </summary>
/// <remarks>Immutable, safe to use from any thread.</remarks>
public abstract partial class EntityType
{
    private readonly FrozenSet<string> _pinned;
    private readonly ConcurrentDictionary<Type, string> _methods = new();

    private protected EntityType(string name, Type entityClass, EntityOptions options)
    {
        Name = name;
        EntityClass = entityClass;
        Options = options;
        _pinned = options.AlwaysActive.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The name of the type in addresses and in the store.</summary>
    public string Name { get; }

    /// <summary>The class of the entities.</summary>
    public Type EntityClass { get; }

    /// <summary>How the entities are kept.</summary>
    public EntityOptions Options { get; }

    /// <summary>Registers a type whose commands, replies, events and state are stored as JSON.</summary>
    /// <param name="name">The stable name of the type: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>.</param>
    /// <param name="context">Has a <c>[JsonSerializable]</c> for each command, each reply, the event base and the state.</param>
    /// <param name="options">How the entities are kept; the defaults if null. An <see cref="EntityOptions{TState}"/> must be that of the
    /// type's state.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <exception cref="EntityRegistrationException">Something is missing or named twice; the message says what to add or to
    /// change.</exception>
    /// <exception cref="ArgumentException">The name or an option is out of range.</exception>
    public static EntityType Create<TEntity>(string name, JsonSerializerContext context, EntityOptions? options = null)
        where TEntity : Entity, new()
    {
        ArgumentNullException.ThrowIfNull(context);
        return Register(name, new TEntity(), new JsonCodecSource(context, name), options);
    }

    /// <summary>Registers a type whose commands, replies, events and state have codecs of their own.</summary>
    /// <param name="name">The stable name of the type: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>.</param>
    /// <param name="codecs">Has a codec for each command, reply and event type and for the state; the manifest of an event's codec is its
    /// name in the store.</param>
    /// <param name="options">How the entities are kept; the defaults if null. An <see cref="EntityOptions{TState}"/> must be that of the
    /// type's state.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <exception cref="EntityRegistrationException">Something is missing or named twice; the message says what to add or to
    /// change.</exception>
    /// <exception cref="ArgumentException">The name or an option is out of range.</exception>
    public static EntityType Create<TEntity>(string name, CodecRegistry codecs, EntityOptions? options = null)
        where TEntity : Entity, new()
    {
        ArgumentNullException.ThrowIfNull(codecs);
        return Register(name, new TEntity(), new RegistryCodecSource(codecs, name), options);
    }

    /// <summary>As <see cref="Create{TEntity}(string, JsonSerializerContext, EntityOptions?)"/>, of an entity that was made by the caller.</summary>
    internal static EntityType Create<TEntity>(string name, TEntity entity, JsonSerializerContext context, EntityOptions? options)
        where TEntity : Entity => Register(name, entity, new JsonCodecSource(context, name), options);

    /// <summary>An entity that is to be recovered.</summary>
    internal abstract EntitySlot NewSlot(EntityId id);

    /// <summary>The base of the events.</summary>
    internal abstract Type EventType { get; }

    /// <summary>The event as the entity knows it; null for one of ActorGrid's own.</summary>
    /// <exception cref="Exception">Whatever a codec throws; or the event is not known.</exception>
    internal abstract object? DecodeEvent(JournalEvent e);

    /// <summary>The type of the state.</summary>
    internal abstract Type StateType { get; }

    /// <summary>The history of an entity before its first event.</summary>
    /// <param name="cipher">Reads what is encrypted; null: there is no key.</param>
    internal abstract EntityFold NewFold(EntityCipher? cipher);

    /// <summary>Whether the entity of that key is always active.</summary>
    internal bool IsPinned(string key) => _pinned.Count > 0 && _pinned.Contains(key);

    internal abstract bool Handles(Type commandType);

    internal abstract bool Handles(string command);

    /// <summary>The name of a command that this type handles.</summary>
    internal abstract string NameOf(Type commandType);

    /// <summary>As telemetry names a command: the type's name, and its own.</summary>
    internal string MethodOf(Type commandType) => _methods.GetOrAdd(commandType, static (command, me) => $"{me.Name}/{me.NameOf(command)}", this);

    internal abstract void EncodeCommand(object command, IBufferWriter<byte> output);

    /// <summary>The command of that name, or null if there is none.</summary>
    internal abstract object? DecodeCommand(string name, ReadOnlySpan<byte> payload);

    /// <summary>Lets a call hold a reply in encoded form.</summary>
    internal abstract void HoldEncoded(IEntityCall call, ReadOnlyMemory<byte> reply);

    private static EntityType Register(string name, Entity entity, ICodecSource codecs, EntityOptions? options)
    {
        EntityId.CheckType(name);
        options ??= new EntityOptions();
        EntityOptions.Check(options, name);
        return entity.Register(name, codecs, options);
    }
}
