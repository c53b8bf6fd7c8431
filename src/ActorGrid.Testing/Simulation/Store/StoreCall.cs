using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>A call of the store on its way: it reaches the store, is performed there at one moment, and its answer comes back.</summary>
/// <typeparam name="T">The answer.</typeparam>
internal abstract class StoreCall<T>(SimulatedDatabase database, SimulatedProcess process, StoreOperation operation, CancellationToken cancellation)
    : TaskCompletionSource<T>, IOccurrence, IRunnable
{
    private const int Arrives = 0, Answers = 1, LandsLate = 2;
    private StoreFault _fault;
    private bool _performed;
    private T? _result;
    private Exception? _error;
    private CancellationTokenRegistration _registration;

    protected SimulatedProcess Process => process;

    /// <summary>Whether it does the work although its caller has given up before it came to it.</summary>
    protected virtual bool IsPerformedWhenCancelled => true;

    /// <summary>Sends the call.</summary>
    public Task<T> Send()
    {
        var world = process.World;
        if (!world.IsOnThread(this)) return System.Threading.Tasks.Task.FromException<T>(new InvalidOperationException("Outside the simulation."));
        if (cancellation.IsCancellationRequested)
        {
            SetCanceled(cancellation);
            return Task;
        }
        if (cancellation.CanBeCanceled) _registration = cancellation.UnsafeRegister(static (me, token) => ((StoreCall<T>)me!).TrySetCanceled(token), this);
        _fault = database.DrawFault(process, operation);
        switch (_fault)
        {
            case StoreFault.None:
                world.After(database.NextDelay(), this, Arrives);
                break;
            case StoreFault.Slow:
                world.After(world.Random.Between(TimeSpan.FromMilliseconds(50), database.SlowestAnswer), this, Arrives);
                break;
            case StoreFault.AnswerLost:
                world.After(database.NextDelay(), this, Arrives);
                break;
            case StoreFault.Refused or StoreFault.RefusedForGood:
                world.After(database.NextDelay(), this, Answers);
                break;
            case StoreFault.RequestLost:
                world.After(world.Random.Between(TimeSpan.FromMilliseconds(1), database.SlowestAnswer), this, Answers);
                break;
            case StoreFault.PerformedLate:
                DetachFromCaller();
                world.After(database.NextDelay(), this, Answers);
                world.After(world.Random.Between(TimeSpan.FromMilliseconds(1), database.LatestCommit), this, LandsLate);
                database.AddLate(this);
                break;
        }
        if (_fault != StoreFault.None)
            world.Trace.Add(new TraceEntry(world.NowTicks, TraceKind.StoreFault, process.Machine.Number, -1, (long)operation, (long)_fault, null));
        return Task;
    }

    public void Occur(long argument)
    {
        switch (argument)
        {
            case Arrives:
                // What a dead process had sent may have reached the store before it died.
                if (process.IsDead && process.World.Random.Chance(0.5)) return;
                if (cancellation.IsCancellationRequested && !IsPerformedWhenCancelled) return;
                PerformOnce();
                process.World.After(database.NextDelay(), this, Answers);
                break;
            case Answers:
                process.Enqueue(new Work(process, this, State: null));
                break;
            case LandsLate:
                PerformOnce();
                break;
        }
    }

    /// <summary>The answer has come back.</summary>
    public void Run()
    {
        _registration.Unregister();
        switch (_fault)
        {
            case StoreFault.Refused:
                Refuse(Fault("refused"));
                break;
            case StoreFault.RefusedForGood:
                Refuse(new StoreException($"The simulated store has no room for {operation}.", isTransient: false));
                break;
            case StoreFault.RequestLost or StoreFault.AnswerLost or StoreFault.PerformedLate:
                Lose(Fault("lost its connection during"));
                break;
            default:
                if (_error is not null) TrySetException(_error);
                else TrySetResult(_result!);
                break;
        }
    }

    /// <summary>Performs what is late, if it was not yet.</summary>
    public void Land() => PerformOnce();

    /// <summary>Does the work; the store in memory has ended it when this returns.</summary>
    protected abstract Task<T> Perform();

    /// <summary>Ends the call with "certainly not done".</summary>
    protected virtual void Refuse(StoreException error) => TrySetException(error);

    /// <summary>Ends the call with "not known".</summary>
    protected virtual void Lose(StoreException error) => TrySetException(error);

    /// <summary>Copies what belongs to the caller again once he has an answer.</summary>
    protected virtual void DetachFromCaller()
    {
    }

    /// <summary>Tells those who watch.</summary>
    protected virtual void OnPerformed(T result)
    {
    }

    private void PerformOnce()
    {
        if (_performed) return;
        _performed = true;
        database.OnPerforming(operation);
        try
        {
            var task = Perform();
#pragma warning disable VSTHRD002, VSTHRD104 // It has completed.
            _result = task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002, VSTHRD104
        }
        catch (Exception e)
        {
            _error = e;
        }
        process.World.Trace.Add(new TraceEntry(
            process.World.NowTicks, TraceKind.StorePerformed, process.Machine.Number, -1, (long)operation, process.Life, null));
        if (_error is null) OnPerformed(_result!);
        database.OnPerformed(operation);
    }

    private StoreException Fault(string what) => new($"The simulated store {what} {operation}.", isTransient: true);
}
