namespace ActorGrid.Actors;

/// <summary>The timers of an actor, by key. They end with the instance that started them (on a restart, too), and a timer that was cancelled or
/// started anew never delivers its earlier message, even if that waits in the mailbox already.</summary>
/// <typeparam name="TMessage">What the actor understands.</typeparam>
public readonly struct ActorTimers<TMessage>
{
    private readonly ActorCell<TMessage> _cell;

    internal ActorTimers(ActorCell<TMessage> cell) => _cell = cell;

    private ActorTimers All => _cell.Extras.Timers ??= new ActorTimers(_cell);

    /// <summary>Sends the actor a message once. A timer of the same key is cancelled first.</summary>
    /// <param name="key">Compared by equality.</param>
    /// <param name="delay">From now; zero or more.</param>
    /// <param name="message">The message.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    public void StartOnce(object key, TimeSpan delay, TMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        All.Start(key, delay, TimeSpan.Zero, message);
    }

    /// <summary>Sends the actor a message every <paramref name="period"/>. The next is due one period after the last was handled, so they never pile
    /// up. A timer of the same key is cancelled first.</summary>
    /// <param name="key">Compared by equality.</param>
    /// <param name="period">More than zero.</param>
    /// <param name="message">The message.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="period"/> is not more than zero.</exception>
    public void StartPeriodic(object key, TimeSpan period, TMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        All.Start(key, period, period, message);
    }

    /// <summary>Ends a timer.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>Whether there was one.</returns>
    public bool Cancel(object key) => All.Cancel(key);

    /// <summary>Whether a timer is running.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>Whether a message is still to come.</returns>
    public bool IsRunning(object key) => All.IsRunning(key);
}
