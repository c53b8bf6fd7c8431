using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Events as they were before they were encrypted. Their entities need not be in memory, so their keys are asked for, one after the other. Belongs to one reader.</summary>
internal sealed class ClearEvents(EntityType type, TimeProvider time)
{
    /// <summary>A key is used for so long: an entity that is forgotten is given no longer than that, and one that is busy is not asked for with each event.</summary>
    private static readonly TimeSpan KeyAge = TimeSpan.FromSeconds(1);

    private readonly Dictionary<EntityId, (bool IsForgotten, EntityCipher? Cipher)> _found = [];
    private long _foundAt;

    /// <summary>The event in clear. That of a forgotten entity says nothing any more.</summary>
    /// <param name="stored">The event as it is stored.</param>
    /// <param name="repaired">What counts in the place of those of these offsets, which need not be readable.</param>
    /// <param name="cancellationToken">Ends a call of the key store.</param>
    /// <exception cref="TimeoutException">The key store has not answered.</exception>
    /// <exception cref="UnreadableEventException">It is encrypted and cannot be read.</exception>
    /// <exception cref="Exception">Whatever the key store throws.</exception>
    public async ValueTask<StoredEvent> OfAsync(StoredEvent stored, IReadOnlyDictionary<long, JournalEvent> repaired, CancellationToken cancellationToken)
    {
        var e = stored.Event;
        var instead = repaired.GetValueOrDefault(stored.Offset);
        if (instead is null && (e.Entity.Type != type.Name || !EncryptedPayload.IsEncrypted(e.Payload.Span))) return stored;
        var (isForgotten, cipher) = await FindAsync(e.Entity, cancellationToken);
        if (isForgotten) return stored with { Event = WithheldEvent.Of(e) };
        // In clear, as it stood in the repair.
        if (instead is not null) return stored with { Event = instead };
        try
        {
            return stored with { Event = type.Decrypt(e, cipher) };
        }
        catch (CodecException cause)
        {
            throw new UnreadableEventException(stored, cause);
        }
    }

    /// <summary>The events up to the first that cannot be had in clear at the moment; if that is the first of all, why.</summary>
    public async ValueTask<IReadOnlyList<StoredEvent>> OfAsync(
        IReadOnlyList<StoredEvent> page, IReadOnlyDictionary<long, JournalEvent> repaired, CancellationToken cancellationToken)
    {
        var clear = new List<StoredEvent>(page.Count);
        foreach (var stored in page)
        {
            try
            {
                clear.Add(await OfAsync(stored, repaired, cancellationToken));
            }
            catch (Exception e) when (clear.Count > 0 && e is not OperationCanceledException)
            {
                break;
            }
        }
        return clear;
    }

    /// <summary>Whether the entity was forgotten, or what reads it; null: its type is not encrypted, or there is no key.</summary>
    /// <exception cref="TimeoutException">The key store has not answered.</exception>
    /// <exception cref="Exception">Whatever the key store throws.</exception>
    public async ValueTask<(bool IsForgotten, EntityCipher? Cipher)> FindAsync(EntityId entity, CancellationToken cancellationToken)
    {
        if (!type.IsEncrypted) return (false, null);
        if (_found.Count > 0 && time.GetElapsedTime(_foundAt) >= KeyAge) _found.Clear();
        if (_found.TryGetValue(entity, out var found)) return found;
        long askedAt = time.GetTimestamp();
        try
        {
            found = (false, await AskAsync(entity, cancellationToken));
        }
        catch (EntityForgottenException)
        {
            found = (true, null);
        }
        if (_found.Count == 0) _foundAt = askedAt;
        _found.Add(entity, found);
        return found;
    }

    /// <summary>A key store that ignores its token is waited for no longer all the same.</summary>
    private async Task<EntityCipher?> AskAsync(EntityId entity, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(KeyPatience.Longest, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var answer = new TaskCompletionSource<EntityCipher?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = ended.Token.UnsafeRegister(
            static (answer, token) => ((TaskCompletionSource<EntityCipher?>)answer!).TrySetException(new OperationCanceledException(token)), answer);
        _ = PassOnAsync(entity, answer, ended.Token);
        try
        {
            return await answer.Task;
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw KeyPatience.Over(entity, e);
        }
    }

    private async Task PassOnAsync(EntityId entity, TaskCompletionSource<EntityCipher?> answer, CancellationToken cancellationToken)
    {
        try
        {
            answer.TrySetResult(await type.FindCipherAsync(entity, cancellationToken));
        }
        catch (Exception e)
        {
            answer.TrySetException(e);
        }
    }
}
