using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>The keys of encrypted entities in a test: all nodes of a grid share one, and it outlives them. Its keys follow from a seed, so they are no secret: it is for tests alone.</summary>
/// <remarks>Safe to use from any thread.</remarks>
/// <param name="seed">Two stores of the same seed make the same keys. Default 0.</param>
public sealed class InMemoryKeyStore(long seed = 0) : IEntityKeyStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityId, EntityKey> _keys = [];

    /// <summary>Called first of all, with the entity that is asked for: may throw, or wait, as a key store does that is away. Nothing by default.</summary>
    public Func<EntityId, CancellationToken, ValueTask>? OnCall { get; set; }

    /// <inheritdoc/>
    public async ValueTask<EntityKey> FindAsync(EntityId entity, CancellationToken cancellationToken)
    {
        if (OnCall is { } called) await called(entity, cancellationToken);
        lock (_gate) return _keys.GetValueOrDefault(entity) ?? EntityKey.None;
    }

    /// <inheritdoc/>
    public async ValueTask<EntityKey> GetOrCreateAsync(EntityId entity, CancellationToken cancellationToken)
    {
        if (OnCall is { } called) await called(entity, cancellationToken);
        lock (_gate)
        {
            if (!_keys.TryGetValue(entity, out var key)) _keys.Add(entity, key = New(entity));
            return key;
        }
    }

    /// <summary>Destroys the key of an entity, for good, also of one that has none yet. Then send <see cref="ForgetEntity{TEntity}"/>, if the entity may be in memory.</summary>
    public void Forget(EntityId entity)
    {
        lock (_gate) _keys[entity] = EntityKey.Forgotten;
    }

    /// <summary>Loses the key of an entity, which must not happen to a real key store.</summary>
    public void Lose(EntityId entity)
    {
        lock (_gate) _keys.Remove(entity);
    }

    private EntityKey New(EntityId entity)
    {
        Span<byte> seedBytes = stackalloc byte[sizeof(long)], key = stackalloc byte[EntityKey.SizeInBytes];
        BinaryPrimitives.WriteInt64LittleEndian(seedBytes, seed);
        HMACSHA256.HashData(seedBytes, Encoding.UTF8.GetBytes(entity.ToString()), key);
        return EntityKey.Of(key);
    }
}
