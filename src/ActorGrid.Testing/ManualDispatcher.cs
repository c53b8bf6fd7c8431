using ActorGrid.Actors;

namespace ActorGrid.Testing;

/// <summary>Runs work on the thread that made it, when told to, first in first out: the same program runs the same way every time.</summary>
/// <remarks>Whatever comes from another thread has escaped from the test (a <c>Task.Run</c>, a real timer, real I/O): it is refused, and the next
/// <see cref="RunUntilIdle"/> throws an exception that shows where it came from.</remarks>
public sealed class ManualDispatcher : Dispatcher
{
    private readonly Thread _thread = Thread.CurrentThread;
    private readonly Queue<IRunnable> _queue = new();
    private InvalidOperationException? _escaped;
    private bool _running;
    private bool _disposed;

    /// <summary>How many pieces of work wait.</summary>
    public int Waiting => _queue.Count;

    /// <inheritdoc/>
    public override bool Schedule(IRunnable work)
    {
        // No exception here: thrown where a task completes, it would end the process instead of the test.
        if (!IsOnThread(work) || _disposed) return false;
        _queue.Enqueue(work);
        return true;
    }

    /// <summary>Runs until nothing waits.</summary>
    /// <param name="runsMax">The bound, for work that makes work for ever.</param>
    /// <returns>How many pieces of work were run.</returns>
    /// <exception cref="InvalidOperationException">Work came from another thread, there is no end to it, or this was called by what it runs.</exception>
    public int RunUntilIdle(int runsMax = 10_000_000)
    {
        AssertThread();
        if (_running) throw new InvalidOperationException("RunUntilIdle was called by work that it runs.");
        _running = true;
        // What runs here must not see the test's own context, nor leave one behind.
        SynchronizationContext? outer = SynchronizationContext.Current;
        try
        {
            int runs = 0;
            while (_queue.TryDequeue(out IRunnable? work))
            {
                if (++runs > runsMax) throw new InvalidOperationException($"There is still work after {runsMax} runs; the next is {work}.");
                work.Run();
                ThrowIfEscaped();
            }

            ThrowIfEscaped();
            return runs;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            _running = false;
        }
    }

    /// <summary>Runs until the task that <paramref name="start"/> returns has completed, and gives its result. What it awaits goes on here, too.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="start">Starts the work.</param>
    /// <returns>The task's result; its exception is thrown.</returns>
    /// <exception cref="InvalidOperationException">Nothing is left to run, and the task is not complete.</exception>
    public T Run<T>(Func<Task<T>> start)
    {
        Task<T> task = Start(start);
        RunUntilIdle();
        ThrowIfPending(task);
#pragma warning disable VSTHRD002 // It has completed.
        return task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <summary>Runs until the task that <paramref name="start"/> returns has completed. What it awaits goes on here, too.</summary>
    /// <param name="start">Starts the work; its exception is thrown.</param>
    /// <exception cref="InvalidOperationException">Nothing is left to run, and the task is not complete.</exception>
    public void Run(Func<Task> start)
    {
        Task task = Start(start);
        RunUntilIdle();
        ThrowIfPending(task);
#pragma warning disable VSTHRD002 // It has completed.
        task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <summary>Starts something asynchronous whose continuations are to run here, and does not wait for it.</summary>
    /// <typeparam name="TTask">The task.</typeparam>
    /// <param name="start">Starts the work.</param>
    /// <returns>What <paramref name="start"/> returned.</returns>
    public TTask Start<TTask>(Func<TTask> start)
        where TTask : Task
    {
        ArgumentNullException.ThrowIfNull(start);
        AssertThread();
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        try
        {
            return start();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        return default;
    }

    private static void ThrowIfPending(Task task)
    {
        if (!task.IsCompleted) throw new InvalidOperationException("Nothing is left to run, and the task is not complete. Does it wait for the clock?");
    }

    private bool IsOnThread(object work)
    {
        if (Thread.CurrentThread == _thread) return true;
        var escaped = new InvalidOperationException(
            $"{work} was scheduled on thread '{Thread.CurrentThread.Name ?? Environment.CurrentManagedThreadId.ToString(provider: null)}', outside the thread of the ManualDispatcher. " +
            "Something awaited left the simulation (Task.Run, a real timer, real I/O, ConfigureAwait(false)). " + Environment.StackTrace);
        Interlocked.CompareExchange(ref _escaped, escaped, null);
        return false;
    }

    private void AssertThread()
    {
        if (Thread.CurrentThread != _thread) throw new InvalidOperationException("The ManualDispatcher was used on another thread than the one that made it.");
    }

    private void ThrowIfEscaped()
    {
        if (Interlocked.Exchange(ref _escaped, null) is { } escaped) throw escaped;
    }

    /// <summary>Brings the continuations of the code under test to the dispatcher.</summary>
    private sealed class Context(ManualDispatcher dispatcher) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => dispatcher.Schedule(new Callback(this, d, state));

        public override SynchronizationContext CreateCopy() => this;

        private sealed class Callback(Context context, SendOrPostCallback callback, object? state) : IRunnable
        {
            public void Run()
            {
                SetSynchronizationContext(context);
                callback(state);
                SetSynchronizationContext(null);
            }
        }
    }
}
