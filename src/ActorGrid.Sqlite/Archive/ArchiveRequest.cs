using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Writes the rows of an archive, alone in a transaction.</summary>
/// <param name="rows">The rows.</param>
/// <param name="grid">The grid of the store.</param>
/// <param name="closing">Ends when the store is asked to close: it must not wait for rows that do not come.</param>
internal sealed class ArchiveRequest(IAsyncEnumerable<ArchiveRow> rows, GridIdentity grid, Task closing) : WriteRequest
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
            writer.Write(TakeAsync().ToBlockingEnumerable(CancellationToken.None), grid);
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
        // A source may have been cancelled by somebody else.
        if (error is OperationCanceledException && Cancellation.IsCancellationRequested) _completion.TrySetCanceled(Cancellation);
        else _completion.TrySetException(error);
    }

    public override void Lose(StoreException error) => _completion.TrySetException(
        new StoreException($"It is not known whether the archive was written: look into the file before another try. {error.Message}", error.IsTransient, error));

    public override void Cancel() => _completion.TrySetCanceled(Cancellation);

    /// <summary>The rows, for which nobody waits any longer once the caller has cancelled or the store is to close, whatever their source does.</summary>
    private async IAsyncEnumerable<ArchiveRow> TakeAsync()
    {
        var source = rows.GetAsyncEnumerator(Cancellation);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next = source.MoveNextAsync().AsTask();
                if (!next.IsCompleted) await Task.WhenAny(next, closing).WaitAsync(Cancellation);
                if (!next.IsCompleted) throw new StoreException("The store was closed while it waited for the rows of an archive. Nothing was written.", isTransient: false);
                if (!await next) yield break;
                yield return source.Current;
            }
        }
        finally
        {
            // A source that is still at work cannot be disposed before it has ended, and nobody can wait for that.
            if (next is null or { IsCompleted: true }) await source.DisposeAsync();
            else _ = EndAsync(source, next);
        }
    }

    private static async Task EndAsync(IAsyncEnumerator<ArchiveRow> source, Task<bool> next)
    {
        await Task.WhenAny(next);
        // What went wrong in it is nobody's any more.
        _ = next.Exception;
        await source.DisposeAsync();
    }
}
