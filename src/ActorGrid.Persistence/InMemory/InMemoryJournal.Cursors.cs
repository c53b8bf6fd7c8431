namespace ActorGrid.Persistence;

internal sealed partial class InMemoryJournal
{
    private readonly Dictionary<CursorKey, Cursor> _cursors = [];

    public Task<IReadOnlyList<Cursor>> ReadAsync(IReadOnlyList<CursorKey> keys, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<Cursor>>(_ => [.. keys.Select(key => _cursors.GetValueOrDefault(key, Cursor.None))], cancellationToken);

    public Task<IReadOnlyList<bool>> MoveAsync(IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<bool>>(grid =>
        {
            CursorMove.Check(moves, grid);
            return [.. moves.Select(Move)];
        }, cancellationToken);

    private bool Move(CursorMove move)
    {
        if (!move.To.Follows(_cursors.GetValueOrDefault(move.Key, Cursor.None))) return false;
        _cursors[move.Key] = move.To;
        return true;
    }
}
