using ActorGrid.Actors;

namespace ActorGrid.Testing;

/// <summary>Work of a process that can run now: a runnable of its dispatcher, or what was posted to its context.</summary>
internal readonly record struct Work(SimulatedProcess Process, object Body, object? State)
{
    public void Run()
    {
        if (Body is IRunnable runnable) runnable.Run();
        else ((SendOrPostCallback)Body)(State);
    }
}

/// <summary>Work that waits for its time.</summary>
internal sealed class DelayedWork(Work work) : IOccurrence
{
    public void Occur(long argument) => work.Process.Enqueue(work);
}
