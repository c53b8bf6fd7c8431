using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>A pause in a call of a client, by the timer of an actor of its own: what is awaited goes on on the dispatcher.</summary>
internal sealed class JobPause(TimeSpan length, TaskCompletionSource promise) : Actor<JobPause.Over>
{
    /// <summary>Waits.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task WaitAsync(ActorSystem system, TimeSpan length, CancellationToken cancellationToken)
    {
        var promise = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pause = JobActor.Spawn(system, () => new JobPause(length, promise));
        await using var registration =
            cancellationToken.UnsafeRegister(static (promise, token) => ((TaskCompletionSource)promise!).TrySetCanceled(token), promise);
        try
        {
            await promise.Task;
        }
        finally
        {
            pause.Stop();
        }
    }

    protected override ValueTask OnStartAsync()
    {
        Context.Timers.StartOnce(nameof(Over), length, new Over());
        return default;
    }

    protected override ValueTask OnMessageAsync(Over message)
    {
        promise.TrySetResult();
        return default;
    }

    /// <summary>A system that stops leaves nobody waiting.</summary>
    protected override ValueTask OnStopAsync()
    {
        promise.TrySetException(new ObjectDisposedException(nameof(JobClient), "The grid has stopped."));
        return default;
    }

    /// <summary>The pause is over.</summary>
    internal readonly record struct Over;
}
