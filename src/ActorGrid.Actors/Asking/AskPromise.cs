namespace ActorGrid.Actors;

/// <summary>What an ask waits on.</summary>
internal sealed class AskPromise<TReply>(ActorRef target, TimeSpan timeout, CancellationToken cancellationToken)
    : Promise<TReply>(target.System.Deadlines, timeout, cancellationToken), IAsk
{
    ActorRef IAsk.Target => target;

    Task IAsk.Reply => Task;

    protected override Exception TimedOut() => new AskTimeoutException(target.Path, Timeout);
}
