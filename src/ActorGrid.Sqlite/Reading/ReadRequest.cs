namespace ActorGrid.Sqlite;

/// <summary>Something to be read.</summary>
internal abstract class ReadRequest
{
    /// <summary>Reads and tells the caller; nothing is thrown here.</summary>
    public abstract void Execute(JournalReader reader, string path);
}

/// <summary>A read with its result.</summary>
internal sealed class ReadRequest<T>(Func<JournalReader, T> body, CancellationToken cancellation) : ReadRequest
{
    // The continuations are the callers' code: they must not run on a reader's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    public override void Execute(JournalReader reader, string path)
    {
        if (cancellation.IsCancellationRequested)
        {
            _completion.SetCanceled(cancellation);
            return;
        }
        try
        {
            _completion.SetResult(body(reader));
        }
        catch (SqliteFault fault)
        {
            _completion.SetException(fault.Describe(path));
        }
        catch (Exception e)
        {
            // The caller gets whatever it was; the thread goes on to serve the others.
            _completion.SetException(e);
        }
    }
}
