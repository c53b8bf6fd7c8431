namespace ActorGrid.Persistence;

/// <summary>Keeps how far each subscription has come in each shard. In the database of the journal, so that one commit can cover a cursor and what was made of the events before it.</summary>
/// <remarks>
/// <para>The invariant: a cursor is replaced only by the one of the next version, in the same epoch of the shard or a later one, and at the same offset or a later one. So of two who both know a cursor only one
/// moves it; an owner of before moves nothing that the next one has touched; and a write that lands late moves nothing.</para>
/// <para>Safe to use from any thread.</para>
/// </remarks>
public interface ICursorStore
{
    /// <summary>Reads cursors.</summary>
    /// <param name="keys">Which ones.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>One for each, in the order of <paramref name="keys"/>; one that was never stored is <see cref="Cursor.None"/>.</returns>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<IReadOnlyList<Cursor>> ReadAsync(IReadOnlyList<CursorKey> keys, CancellationToken cancellationToken);

    /// <summary>Moves cursors, in one commit. Each is judged apart: it is moved if and only if the stored one has the version before, and neither a later epoch nor a
    /// later offset.</summary>
    /// <param name="moves">The moves, each cursor once.</param>
    /// <param name="cancellationToken">Ends the wait; cursors may have been moved all the same.</param>
    /// <returns>Whether each was moved, in the order of <paramref name="moves"/>.</returns>
    /// <exception cref="ArgumentException">A cursor is named twice, or is one that cannot be; nothing is written.</exception>
    /// <exception cref="StoreException">Nothing is known of the outcome. Reading tells; trying again moves nothing twice.</exception>
    Task<IReadOnlyList<bool>> MoveAsync(IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken);
}

/// <summary>Whose cursor, and where.</summary>
/// <param name="Name">The name of the subscription or projection.</param>
/// <param name="Shard">The shard.</param>
public readonly record struct CursorKey(string Name, ShardId Shard);

/// <summary>How far a subscription has come in a shard.</summary>
/// <param name="Version">The number of the write that made it, from 1; 0: none was stored.</param>
/// <param name="Epoch">The epoch of the shard that its writer opened the shard in.</param>
/// <param name="Offset">All events up to this offset are done with; from 0.</param>
/// <param name="GivenTo">No event after this offset was ever given to the handler; from <paramref name="Offset"/>.</param>
/// <param name="IssuedAtUnixMs">The time of the command ids that go with the events after <paramref name="Offset"/>, up to <paramref name="GivenTo"/>, as far as those are older.</param>
public sealed record Cursor(long Version, Epoch Epoch, long Offset, long GivenTo, long IssuedAtUnixMs)
{
    /// <summary>The cursor that was never stored.</summary>
    public static Cursor None { get; } = new(0, default, 0, 0, 0);

    /// <summary>Whether a stored cursor may be replaced by this one.</summary>
    internal bool Follows(Cursor stored) => stored.Version == Version - 1 && stored.Epoch <= Epoch && stored.Offset <= Offset;
}

/// <summary>Asks for a cursor to be replaced by the one of the next version.</summary>
/// <param name="Key">Which one.</param>
/// <param name="To">What it becomes; the stored one has the version before, or there is none if this is version 1.</param>
public sealed record CursorMove(CursorKey Key, Cursor To)
{
    /// <summary>Checks what <see cref="ICursorStore.MoveAsync"/> is given, as every store does before it touches anything.</summary>
    /// <exception cref="ArgumentException">A cursor is named twice, or is one that cannot be.</exception>
    public static void Check(IReadOnlyList<CursorMove> moves, GridIdentity grid)
    {
        ArgumentNullException.ThrowIfNull(moves);
        var keys = new HashSet<CursorKey>();
        foreach (var (key, to) in moves)
        {
            Subscription.CheckName(key.Name);
            JournalArguments.Check(key.Shard, grid);
            if (!keys.Add(key)) throw new ArgumentException($"The cursor of '{key.Name}' in {key.Shard} is moved twice.", nameof(moves));
            if (to.Version < 1 || to.Offset < 0 || to.GivenTo < to.Offset)
                throw new ArgumentException($"'{key.Name}' cannot have the cursor {to} in {key.Shard}: versions count from 1, offsets from 0, and nothing is done with that was not given.", nameof(moves));
        }
    }
}
