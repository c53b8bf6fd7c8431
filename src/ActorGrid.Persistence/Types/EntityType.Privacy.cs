using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Reads what may be encrypted. What was written in clear, before the type was encrypted, is read as it is.</summary>
public abstract partial class EntityType
{
    /// <summary>Whether what its entities store from now on is encrypted.</summary>
    internal bool IsEncrypted => Options.Keys is not null;

    /// <summary>What reads an entity from outside of a grid; null if its type is not encrypted, or there is no key.</summary>
    /// <exception cref="EntityForgottenException">Its key was destroyed.</exception>
    /// <exception cref="Exception">Whatever the key store throws.</exception>
    internal async ValueTask<EntityCipher?> FindCipherAsync(EntityId entity, CancellationToken cancellationToken)
    {
        if (Options.Keys is not { } keys) return null;
        var key = await keys.FindAsync(entity, cancellationToken) ?? throw new InvalidOperationException($"{keys.GetType().Name} gave null for the key of {entity}.");
        if (key == EntityKey.Forgotten) throw new EntityForgottenException(entity);
        return key.IsKey ? new EntityCipher(entity, key) : null;
    }

    /// <summary>The same, of an entity of which nothing encrypted was found: if its type is encrypted, a key is made.</summary>
    /// <exception cref="EntityForgottenException">Its key was destroyed.</exception>
    /// <exception cref="Exception">Whatever the key store throws.</exception>
    internal async ValueTask<EntityCipher?> GetOrCreateCipherAsync(EntityId entity, CancellationToken cancellationToken)
    {
        if (Options.Keys is not { } keys) return null;
        var key = await keys.GetOrCreateAsync(entity, cancellationToken);
        if (key == EntityKey.Forgotten) throw new EntityForgottenException(entity);
        return key is { IsKey: true } ? new EntityCipher(entity, key) : throw new InvalidOperationException($"{keys.GetType().Name} gave no key for {entity}.");
    }

    /// <summary>The event as it was before it was encrypted.</summary>
    /// <exception cref="CodecException">It is encrypted and cannot be read.</exception>
    internal JournalEvent Decrypt(JournalEvent e, EntityCipher? cipher) => EncryptedPayload.IsEncrypted(e.Payload.Span)
        ? e with { Payload = Decrypt(e.Payload, PayloadPlace.Event(e.Sequence, e.Manifest, e.AtUnixMs), cipher) }
        : e;

    /// <summary>Reads a repair, as it stands in the journal.</summary>
    /// <exception cref="CodecException">It is encrypted and cannot be read, or damaged.</exception>
    internal Repair ReadRepair(JournalEvent e, EntityCipher? cipher) => RepairEvents.Decode(Decrypt(e, cipher).Payload.Span);

    /// <summary>The payload of a snapshot as it was before it was encrypted.</summary>
    /// <exception cref="CodecException">It is encrypted and cannot be read.</exception>
    internal ReadOnlyMemory<byte> Decrypt(SnapshotRecord snapshot, EntityCipher? cipher) =>
        Decrypt(snapshot.Payload, PayloadPlace.Snapshot(snapshot.Sequence, snapshot.Epoch, snapshot.AtUnixMs), cipher);

    /// <summary>A payload as it was before it was encrypted.</summary>
    /// <exception cref="CodecException">It is encrypted and cannot be read.</exception>
    internal ReadOnlyMemory<byte> Decrypt(ReadOnlyMemory<byte> payload, in PayloadPlace place, EntityCipher? cipher)
    {
        if (!EncryptedPayload.IsEncrypted(payload.Span)) return payload;
        return cipher?.Decrypt(payload.Span, place) ?? throw new CodecException(
            IsEncrypted
                ? "It is encrypted, and the key store has no key of the entity: was the key lost? Bring it back; if it was destroyed, let the key store answer that it was forgotten."
                : $"It is encrypted, and '{Name}' has no key store here: set {nameof(EntityOptions.Keys)} in its options.");
    }
}
