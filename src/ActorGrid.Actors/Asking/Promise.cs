namespace ActorGrid.Actors;

/// <summary>A result that arrives until a deadline, or else is a timeout; once the actor system has stopped, it is a <see cref="SystemStoppedException"/>. The first outcome wins; setting it never runs a caller's continuation on the
/// thread that sets it. Thread-safe.</summary>
/// <typeparam name="T">The result.</typeparam>
public class Promise<T> : TaskCompletionSource<T>, IDeadline, IAsker
{
    private readonly CancellationTokenRegistration _cancellation;

    /// <summary>Starts waiting.</summary>
    /// <param name="deadlines">The set that keeps the time.</param>
    /// <param name="timeout">How long at most; more than zero.</param>
    /// <param name="cancellationToken">Gives up earlier; the task is then cancelled.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is not more than zero.</exception>
    public Promise(Deadlines deadlines, TimeSpan timeout, CancellationToken cancellationToken = default)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        Timeout = timeout;
        deadlines.Add(this, timeout);
        if (cancellationToken.CanBeCanceled) _cancellation = cancellationToken.UnsafeRegister(static (me, token) => ((Promise<T>)me!).TrySetCanceled(token), this);
        if (_cancellation != default) ReleaseCancellation();
    }

    /// <summary>How long it waits.</summary>
    public TimeSpan Timeout { get; }

    /// <inheritdoc/>
    public bool IsDone => Task.IsCompleted;

    /// <inheritdoc/>
    public void Expire() => TrySetException(TimedOut());

    /// <inheritdoc/>
    public void Abandon() => TrySetException(new SystemStoppedException());

    void IAsker.Fail(Exception reason) => TrySetException(reason);

    /// <summary>The exception for a deadline that was missed.</summary>
    /// <returns>What the task fails with.</returns>
    protected virtual Exception TimedOut() => new TimeoutException($"There was no result within {Timeout}.");

    /// <summary>A token that outlives many asks must not gather their registrations.</summary>
    private void ReleaseCancellation() =>
        _ = Task.ContinueWith(static (_, me) => ((Promise<T>)me!)._cancellation.Unregister(), this, CancellationToken.None, TaskContinuationOptions.None, InlineScheduler.Instance);
}
