namespace ActorGrid.Actors;

/// <summary>Who handles the messages from now on. A new instance begins with its own behavior.</summary>
internal sealed partial class ActorCell<TMessage>
{
    public void Become(Func<TMessage, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Behaviors().Replace(handler);
    }

    public void BecomeStacked(Func<TMessage, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        BehaviorStack<TMessage> behaviors = Behaviors();
        if (behaviors.Depth == BehaviorStack<TMessage>.DepthMax)
        {
            throw new InvalidOperationException(
                $"Actor {Path} has {BehaviorStack<TMessage>.DepthMax} behaviors on each other, the most that there may be. Go back with UnbecomeStacked, or use Become, which puts none on top.");
        }

        behaviors.Push(handler);
    }

    public bool UnbecomeStacked() => _actor is BehaviorStack<TMessage> behaviors && behaviors.TryPop();

    private BehaviorStack<TMessage> Behaviors()
    {
        if (_actor is BehaviorStack<TMessage> behaviors) return behaviors;
        behaviors = new BehaviorStack<TMessage>(_actor ?? throw new InvalidOperationException($"Actor {Path} has stopped and cannot become anything."));
        _actor = behaviors;
        // The loop over the mail, which has the instance at hand, ends for a signal, and begins anew with the stand-in.
        Send(new StandInSignal());
        return behaviors;
    }
}
