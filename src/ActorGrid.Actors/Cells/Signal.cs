namespace ActorGrid.Actors;

/// <summary>What the runtime tells a cell; goes before user messages. Signals wait while a handler is pending, continuations do not.</summary>
internal abstract class Signal
{
    public Signal? Next;

    public abstract void Handle(ActorCell cell);
}

/// <summary>The rest of an asynchronous method that awaited something within the actor.</summary>
internal sealed class Continuation(SendOrPostCallback callback, object? state) : Signal
{
    public override void Handle(ActorCell cell) => callback(state);
}

/// <summary>Tells the loop over the mail that somebody else handles it from now on.</summary>
internal sealed class StandInSignal : Signal
{
    public override void Handle(ActorCell cell)
    {
    }
}

internal sealed class StopSignal : Signal
{
    public override void Handle(ActorCell cell) => cell.BeginStop();
}

internal sealed class WatchSignal(IWatcher watcher) : Signal
{
    public override void Handle(ActorCell cell) => cell.AddWatcher(watcher);
}

internal sealed class UnwatchSignal(IWatcher watcher) : Signal
{
    public override void Handle(ActorCell cell) => cell.RemoveWatcher(watcher);
}

/// <summary>Tells a parent that its child waits for a verdict.</summary>
internal sealed class ChildFailedSignal(ActorCell child, Exception failure) : Signal
{
    public override void Handle(ActorCell cell) => cell.DecideFor(child, failure);
}

/// <summary>Tells a parent which waits for it that its last child is gone.</summary>
internal sealed class ChildrenGoneSignal : Signal
{
    public override void Handle(ActorCell cell) => cell.OnChildrenGone();
}

internal sealed class FailSignal(Exception failure) : Signal
{
    public override void Handle(ActorCell cell) => cell.Fail(failure);
}

internal sealed class ResumeSignal : Signal
{
    public override void Handle(ActorCell cell) => cell.Resume();
}

internal sealed class RestartSignal(Exception reason, bool onlyIfFailed) : Signal
{
    public override void Handle(ActorCell cell) => cell.BeginRestart(reason, onlyIfFailed);
}

/// <summary>Who wants to know when an actor has stopped.</summary>
internal interface IWatcher
{
    /// <summary>Called once, on the stopped actor's turn.</summary>
    void OnTerminated();
}
