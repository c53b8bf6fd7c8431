using ActorGrid.Actors;

namespace ActorGrid.Testing;

/// <summary>Brings the work of one life of a process to the run queue of the world.</summary>
internal sealed class SimulatedDispatcher(SimulatedProcess process) : Dispatcher
{
    private bool _disposed;

    public override bool Schedule(IRunnable work) => !_disposed && process.Enqueue(new Work(process, work, State: null));

    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        return default;
    }
}

/// <summary>Brings continuations of plain asynchronous code in a process to the run queue of the world.</summary>
internal sealed class SimulatedContext(SimulatedProcess process) : SynchronizationContext
{
    /// <summary>Whose work it is that has this context.</summary>
    public SimulatedProcess Process => process;

    public override void Post(SendOrPostCallback d, object? state) => process.Enqueue(new Work(process, d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("The context of a simulated process only posts: waiting would stop the world.");

    public override SynchronizationContext CreateCopy() => this;
}
