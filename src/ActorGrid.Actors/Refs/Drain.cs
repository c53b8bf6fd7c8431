namespace ActorGrid.Actors;

/// <summary>Stops an actor when its mail comes to the front of the mailbox, or when its deadline comes, whichever is first.</summary>
internal sealed class Drain(ActorCell target) : IControl, IDeadline
{
    public bool IsDone => target.HasStopped;

    public void Expire() => target.Send(new StopSignal());

    public bool TryTake(ActorCell cell, out object? message)
    {
        message = null;
        cell.Send(new StopSignal());
        return false;
    }
}
