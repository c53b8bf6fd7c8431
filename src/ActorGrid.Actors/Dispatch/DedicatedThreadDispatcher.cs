using System.Collections.Concurrent;

namespace ActorGrid.Actors;

/// <summary>One thread, for actors that block or must stay on one thread. First in, first out. Its work never holds up that of other dispatchers, and
/// nothing stands in for it while it is stuck.</summary>
public sealed class DedicatedThreadDispatcher : Dispatcher
{
    private readonly BlockingCollection<IRunnable> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts the thread.</summary>
    /// <param name="name">What the thread is called.</param>
    public DedicatedThreadDispatcher(string name = "actorgrid-dedicated") => new Thread(Loop) { IsBackground = true, Name = name }.UnsafeStart();

    /// <inheritdoc/>
    public override bool Schedule(IRunnable work)
    {
        try
        {
            _queue.Add(work);
            return true;
        }
        catch (InvalidOperationException)
        {
            // Disposed.
            return false;
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        return new ValueTask(_ended.Task);
    }

    private void Loop()
    {
        ExecutionContext clean = ExecutionContext.Capture()!;
        foreach (IRunnable work in _queue.GetConsumingEnumerable())
        {
            work.Run();
            ExecutionContext.Restore(clean);
        }

        _ended.TrySetResult();
    }
}
