namespace ActorGrid.Actors;

/// <summary>Derive from it to make an actor: private state, and one message handled at a time.</summary>
/// <remarks>While the task that <see cref="OnMessageAsync"/> returns is pending, the next message waits. Whatever the actor's code awaits goes on within the
/// actor, one piece at a time, never beside another of its pieces. An exception is a failure, about which the parent decides (see <see cref="SupervisionStrategy"/>).</remarks>
/// <typeparam name="TMessage">What it understands.</typeparam>
public abstract class Actor<TMessage>
{
    private ActorCell<TMessage>? _cell;

    /// <summary>The actor's own reference.</summary>
    protected ActorRef<TMessage> Self => Context.Self;

    /// <summary>What the actor can do in its system. Not available in the constructor.</summary>
    /// <exception cref="InvalidOperationException">Used in the constructor.</exception>
    protected ActorContext<TMessage> Context =>
        new(_cell ?? throw new InvalidOperationException($"{GetType().Name} has no context in its constructor yet. Use it in OnStartAsync or later."));

    /// <summary>How this actor decides for its failed children. Default: <see cref="SupervisionStrategy.Restarting"/>.</summary>
    protected virtual SupervisionStrategy Supervision => SupervisionStrategy.Restarting;

    /// <summary>Handles one message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>When it is handled.</returns>
    protected abstract ValueTask OnMessageAsync(TMessage message);

    /// <summary>Called first, on every new instance. Messages wait until it has ended; if it throws, the actor has failed.</summary>
    /// <returns>When the actor is ready.</returns>
    protected virtual ValueTask OnStartAsync() => default;

    /// <summary>Called last, when the actor stops, after its children have stopped.</summary>
    /// <returns>When the actor has cleaned up.</returns>
    protected virtual ValueTask OnStopAsync() => default;

    /// <summary>Called on the failed instance, after its children have stopped, before a new one takes its place. Default: <see cref="OnStopAsync"/>.</summary>
    /// <param name="reason">What the actor, or the sibling with which it is restarted, threw.</param>
    /// <returns>When the instance has cleaned up.</returns>
    protected virtual ValueTask OnRestartAsync(Exception reason) => OnStopAsync();

    internal void Attach(ActorCell<TMessage> cell)
    {
        if (_cell is not null)
            throw new InvalidOperationException($"The factory of actor {cell.Path} returned an instance that is an actor already. It must make a new one each time.");
        _cell = cell;
    }

    internal ValueTask Handle(TMessage message) => OnMessageAsync(message);

    internal ValueTask Start() => OnStartAsync();

    internal ValueTask Stop() => OnStopAsync();

    internal ValueTask Restart(Exception reason) => OnRestartAsync(reason);

    internal SupervisionStrategy CurrentSupervision => Supervision;

    /// <summary>The class that the user wrote.</summary>
    internal virtual Type Class => GetType();
}
