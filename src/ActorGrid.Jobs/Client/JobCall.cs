using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>
/// Runs one call of a client as an actor of its own, so that what it awaits goes on on the dispatcher: the caller holds a promise, and its
/// context is captured nowhere.
/// </summary>
internal sealed class JobCall<T>(Func<Task<T>> body, TaskCompletionSource<T> promise) : Actor<JobCall<T>>
{
    public static Task<T> RunAsync(ActorSystem system, Func<Task<T>> body)
    {
        var promise = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            JobActor.Spawn(system, () => new JobCall<T>(body, promise));
        }
        catch (ObjectDisposedException stopped)
        {
            promise.TrySetException(stopped);
        }
        return promise.Task;
    }

    protected override async ValueTask OnStartAsync()
    {
        try
        {
            promise.TrySetResult(await body());
        }
        catch (OperationCanceledException cancelled) when (cancelled is not JobCancelledException)
        {
            promise.TrySetCanceled(cancelled.CancellationToken);
        }
        catch (Exception error)
        {
            promise.TrySetException(error);
        }
        Context.StopSelf();
    }

    protected override ValueTask OnMessageAsync(JobCall<T> message) => default;
}
