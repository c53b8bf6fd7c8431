namespace ActorGrid.Persistence;

/// <summary>The events of a page as they were before they were encrypted. Their entities need not be in memory, so their keys are asked for, once for each page.</summary>
internal static class ClearEvents
{
    /// <summary>In the place of what an event of a forgotten entity was called: one of ActorGrid's own, which nobody is given.</summary>
    private const string Forgotten = "$forgotten";

    /// <summary>The same events, with the same offsets. Those of forgotten entities say nothing any more.</summary>
    /// <exception cref="Exception">Whatever a key store throws; or an event is encrypted and cannot be read.</exception>
    public static async ValueTask<IReadOnlyList<StoredEvent>> OfAsync(EntityType type, IReadOnlyList<StoredEvent> page, CancellationToken cancellationToken)
    {
        if (!page.Any(stored => IsEncrypted(type, stored))) return page;
        var ciphers = new Dictionary<EntityId, (bool IsForgotten, EntityCipher? Cipher)>();
        var clear = new List<StoredEvent>(page.Count);
        foreach (var stored in page)
        {
            if (!IsEncrypted(type, stored))
            {
                clear.Add(stored);
                continue;
            }
            if (!ciphers.TryGetValue(stored.Event.Entity, out var found)) ciphers.Add(stored.Event.Entity, found = await FindAsync(type, stored.Event.Entity, cancellationToken));
            clear.Add(stored with
            {
                Event = found.IsForgotten
                    ? stored.Event with { Manifest = Forgotten, Payload = ReadOnlyMemory<byte>.Empty }
                    : type.Decrypt(stored.Event, found.Cipher),
            });
        }
        return clear;
    }

    private static bool IsEncrypted(EntityType type, StoredEvent stored) => stored.Event.Entity.Type == type.Name && EncryptedPayload.IsEncrypted(stored.Event.Payload.Span);

    private static async ValueTask<(bool IsForgotten, EntityCipher? Cipher)> FindAsync(EntityType type, EntityId entity, CancellationToken cancellationToken)
    {
        try
        {
            return (false, await type.FindCipherAsync(entity, cancellationToken));
        }
        catch (EntityForgottenException)
        {
            return (true, null);
        }
    }
}
