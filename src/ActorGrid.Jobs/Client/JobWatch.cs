namespace ActorGrid.Jobs;

/// <summary>Keeps the latest word on a job for one reader: a slow reader misses what came in between, and nothing piles up.
/// Thread-safe.</summary>
internal sealed class JobWatch
{
    private readonly Lock _gate = new();
    private JobProgress? _latest;
    private Exception? _error;
    private TaskCompletionSource? _reader;

    /// <summary>Nothing comes any more.</summary>
    public bool HasFailed
    {
        get
        {
            lock (_gate) return _error is not null;
        }
    }

    public void Publish(JobProgress progress) => Set(progress, error: null);

    public void Fail(Exception error) => Set(progress: null, error);

    /// <summary>The latest word that was not read yet; waits for one if there is none.</summary>
    public async Task<JobProgress> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource changed;
            lock (_gate)
            {
                if (_latest is { } latest)
                {
                    _latest = null;
                    return latest;
                }
                if (_error is not null) throw _error;
                // Always a new one: there is one reader, and what it waited on before may be cancelled.
                _reader = changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            // Not WaitAsync: the task that it makes completes on the thread pool.
            await using var registration =
                cancellationToken.UnsafeRegister(static (reader, token) => ((TaskCompletionSource)reader!).TrySetCanceled(token), changed);
            await changed.Task;
        }
    }

    private void Set(JobProgress? progress, Exception? error)
    {
        TaskCompletionSource? reader;
        lock (_gate)
        {
            // What is final stays: nothing that was on its way may come after it.
            if (_error is not null || _latest is { IsFinal: true }) return;
            _latest = progress;
            _error = error;
            reader = _reader;
            _reader = null;
        }
        reader?.TrySetResult();
    }
}
