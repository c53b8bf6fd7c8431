namespace ActorGrid.Actors;

/// <summary>To all, and the first reply counts.</summary>
internal sealed class ScatterGatherRouter<TMessage> : BroadcastRouter<TMessage>
{
    public override bool Ask(AskEnvelope<TMessage> envelope)
    {
        Routee<TMessage>[] routees = Routees;
        var scattered = new ScatteredAsk(envelope.Asker, routees.Length);
        foreach (Routee<TMessage> routee in routees) routee.Ref.Ask(new AskEnvelope<TMessage>(envelope.Message, scattered.Part()));
        return routees.Length > 0;
    }
}
