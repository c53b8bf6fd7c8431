namespace ActorGrid.Actors;

/// <summary>Gives each message to one routee.</summary>
internal abstract class PickingRouter<TMessage> : Router<TMessage>
{
    public sealed override bool Tell(TMessage message)
    {
        Routee<TMessage>[] routees = Routees;
        if (routees.Length == 0) return false;
        Pick(routees, message).Ref.Tell(message);
        return true;
    }

    public sealed override bool TryTell(TMessage message)
    {
        Routee<TMessage>[] routees = Routees;
        return routees.Length > 0 && Pick(routees, message).Ref.TryTell(message);
    }

    public sealed override bool Ask(AskEnvelope<TMessage> envelope)
    {
        Routee<TMessage>[] routees = Routees;
        if (routees.Length == 0) return false;
        Routee<TMessage> chosen;
        try
        {
            chosen = Pick(routees, envelope.Message);
        }
        catch (Exception e)
        {
            // The user's function did not find a key: the one who asks waits for the task, and looks for the reason there.
            envelope.Fail(e);
            return true;
        }

        chosen.Ref.Ask(envelope);
        return true;
    }

    /// <summary>Chooses one of <paramref name="routees"/>, of which there is at least one.</summary>
    protected abstract Routee<TMessage> Pick(Routee<TMessage>[] routees, TMessage message);
}
