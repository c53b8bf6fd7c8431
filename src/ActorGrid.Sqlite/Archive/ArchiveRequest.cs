using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Writes the rows of an archive, alone in a transaction.</summary>
internal sealed class ArchiveRequest(IAsyncEnumerable<ArchiveRow> rows, GridIdentity grid) : WriteRequest
{
    // The continuations are the callers' code: they must not run on the writer's thread.
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _fault;

    public Task Task => _completion.Task;

    public override void Execute(JournalWriter writer, bool apart)
    {
        // Rows can be read but once: tried again, it only says again what was wrong.
        if (_fault is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_fault);
        try
        {
            // The thread is the store's own and has nothing else to do before this has ended, so it may wait for the rows.
            writer.Write(rows.ToBlockingEnumerable(Cancellation), grid);
        }
        catch (Exception e)
        {
            _fault = e;
            throw;
        }
    }

    public override void Complete() => _completion.TrySetResult();

    public override void Refuse(Exception error)
    {
        if (error is OperationCanceledException) _completion.TrySetCanceled(Cancellation);
        else _completion.TrySetException(error);
    }

    public override void Lose(StoreException error) => _completion.TrySetException(
        new StoreException($"It is not known whether the archive was written: look into the file before another try. {error.Message}", error.IsTransient, error));

    public override void Cancel() => _completion.TrySetCanceled(Cancellation);
}
