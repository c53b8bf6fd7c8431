using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Something to be done in a write transaction, together with others.</summary>
internal abstract class WriteRequest
{
    /// <summary>The rows of one that is never done together with others: more than any transaction takes.</summary>
    public const int AloneRows = int.MaxValue / 2;

    /// <summary>How much it adds to a transaction, in rows; several are taken together up to a bound.</summary>
    public required int Rows { get; init; }

    /// <summary>Ends the wait for the turn; once the transaction is tried it does not count.</summary>
    public required CancellationToken Cancellation { get; init; }

    /// <summary>Does it within the open transaction. May be done again in another one if that is rolled back.</summary>
    /// <param name="writer">What to do it with.</param>
    /// <param name="apart">Whether it is alone in the transaction, and what is at fault shall be told from what is not.</param>
    public abstract void Execute(JournalWriter writer, bool apart);

    /// <summary>The transaction was committed.</summary>
    public abstract void Complete();

    /// <summary>Nothing was written, and nothing will be.</summary>
    public abstract void Refuse(Exception error);

    /// <summary>It may have been written.</summary>
    public abstract void Lose(StoreException error);

    /// <summary>It was cancelled before its turn.</summary>
    public abstract void Cancel();
}

/// <summary>A request with a result.</summary>
/// <param name="body">What to do; returns the result.</param>
/// <param name="outcomeOf">Puts a failure into a result; null if failures are exceptions.</param>
internal sealed class WriteRequest<T>(Func<JournalWriter, bool, T> body, Func<AppendStatus, StoreException, T>? outcomeOf) : WriteRequest
{
    // The continuations are the callers' code: they must not run on the writer's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _completion.Task;

    public override void Execute(JournalWriter writer, bool apart) => _result = body(writer, apart);

    public override void Complete() => _ = _completion.TrySetResult(_result!);

    public override void Refuse(Exception error)
    {
        if (outcomeOf is not null && error is StoreException store) _ = _completion.TrySetResult(outcomeOf(AppendStatus.Refused, store));
        else _ = _completion.TrySetException(error);
    }

    public override void Lose(StoreException error)
    {
        if (outcomeOf is null) _ = _completion.TrySetException(error);
        else _ = _completion.TrySetResult(outcomeOf(AppendStatus.Unknown, error));
    }

    public override void Cancel() => _ = _completion.TrySetCanceled(Cancellation);
}
