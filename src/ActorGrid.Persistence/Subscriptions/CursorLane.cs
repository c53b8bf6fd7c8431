using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Stores the cursors of all readers of a node: what has gathered meanwhile goes in the next commit.</summary>
internal sealed class CursorLane(ICursorStore store) : Actor<CursorLane.IMessage>
{
    /// <summary>Cursors in one commit.</summary>
    private const int BatchMax = 500;

    private readonly Queue<Move> _waiting = new();
    private bool _isWriting;

    /// <summary>Moves a cursor.</summary>
    /// <returns>Whether it was moved.</returns>
    /// <exception cref="StoreException">Nothing is known of the outcome.</exception>
    public static Task<bool> MoveAsync(ActorRef<IMessage> lane, CursorMove move)
    {
        var request = new Move(move, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        lane.Tell(request);
        return request.Done.Task;
    }

    protected override ValueTask OnMessageAsync(IMessage message)
    {
        switch (message)
        {
            case Move move:
                _waiting.Enqueue(move);
                break;
            case Ended ended:
                _isWriting = false;
                End(ended);
                break;
        }
        if (!_isWriting && _waiting.Count > 0) WriteNext();
        return default;
    }

    private void WriteNext()
    {
        var moves = new List<Move>();
        // A cursor comes once in a commit. Its reader waits for the answer, so it is here twice only if that reader has gone and another come.
        var keys = new HashSet<CursorKey>();
        while (moves.Count < BatchMax && _waiting.TryPeek(out var next) && keys.Add(next.What.Key)) moves.Add(_waiting.Dequeue());
        _isWriting = true;
        Context.PipeToSelf(
            StoreTask.From(() => store.MoveAsync([.. moves.Select(move => move.What)], CancellationToken.None)),
            moved => moved.Count == moves.Count
                ? new Ended(moves, moved, null)
                : new Ended(moves, [], new StoreException($"The store gave {moved.Count} answers for {moves.Count} cursors.", isTransient: true)),
            e => new Ended(moves, [], e));
    }

    private static void End(Ended ended)
    {
        for (int i = 0; i < ended.Moves.Count; i++)
        {
            if (ended.Error is { } error) ended.Moves[i].Done.TrySetException(error);
            else ended.Moves[i].Done.TrySetResult(ended.Moved[i]);
        }
    }

    internal interface IMessage;

    private sealed record Move(CursorMove What, TaskCompletionSource<bool> Done) : IMessage, IAsker
    {
        /// <summary>The lane has stopped.</summary>
        public void Fail(Exception reason) => Done.TrySetException(reason);
    }

    private sealed record Ended(IReadOnlyList<Move> Moves, IReadOnlyList<bool> Moved, Exception? Error) : IMessage;
}
