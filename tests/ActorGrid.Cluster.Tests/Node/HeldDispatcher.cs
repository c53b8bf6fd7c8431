using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

/// <summary>The processor of one node: a test stops it for a while, as a long pause does, or for ever, as a kill.</summary>
internal sealed class HeldDispatcher(ManualDispatcher shared) : Dispatcher
{
    private readonly Queue<IRunnable> _held = [];

    public bool IsAsleep { get; private set; }

    public bool IsDead { get; set; }

    public override bool Schedule(IRunnable work)
    {
        if (IsDead) return false;
        if (!IsAsleep) return shared.Schedule(new Turn(this, work));
        _held.Enqueue(work);
        return true;
    }

    public void Sleep() => IsAsleep = true;

    public void Wake()
    {
        IsAsleep = false;
        while (_held.TryDequeue(out var work)) shared.Schedule(new Turn(this, work));
    }

    public override ValueTask DisposeAsync() => default;

    private sealed class Turn(HeldDispatcher processor, IRunnable work) : IRunnable
    {
        public void Run()
        {
            if (processor.IsDead) return;
            if (processor.IsAsleep) processor._held.Enqueue(work);
            else work.Run();
        }
    }
}
