namespace ActorGrid.Actors;

/// <summary>One actor's watch of another: when the other has stopped, the message goes to the end of the watcher's mailbox.</summary>
internal sealed class Watch(ActorCell watcher, ActorRef other, object? message) : IWatcher, IControl
{
    private bool _cancelled;

    /// <summary>On the watcher's turn.</summary>
    public void Cancel() => _cancelled = true;

    /// <summary>On the other's turn. A watcher that has stopped wants nothing any more.</summary>
    public void OnTerminated() => watcher.Post(new ControlMail(this));

    /// <summary>On the watcher's turn.</summary>
    public bool TryTake(ActorCell cell, out object? content)
    {
        content = message;
        if (_cancelled) return false;
        cell.Extras.Watching!.Remove(other);
        return true;
    }
}
