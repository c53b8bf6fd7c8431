using System.Runtime.ExceptionServices;

namespace ActorGrid.Actors;

/// <summary>To all.</summary>
internal class BroadcastRouter<TMessage> : Router<TMessage>
{
    public sealed override bool Tell(TMessage message)
    {
        Routee<TMessage>[] routees = Routees;
        Exception? refused = null;
        foreach (Routee<TMessage> routee in routees)
        {
            try
            {
                routee.Ref.Tell(message);
            }
            catch (Exception e)
            {
                // One who is full must not keep it from the others.
                refused ??= e;
            }
        }

        if (refused is not null) ExceptionDispatchInfo.Throw(refused);
        return routees.Length > 0;
    }

    public sealed override bool TryTell(TMessage message)
    {
        bool taken = false;
        Exception? refused = null;
        foreach (Routee<TMessage> routee in Routees)
        {
            try
            {
                taken |= routee.Ref.TryTell(message);
            }
            catch (Exception e)
            {
                // A routee may be a router with a function that finds no key in the message.
                refused ??= e;
            }
        }

        if (refused is not null) ExceptionDispatchInfo.Throw(refused);
        return taken;
    }

    public override bool Ask(AskEnvelope<TMessage> envelope)
    {
        envelope.Fail(new NotSupportedException("A router that broadcasts cannot be asked: an ask has one reply. Use ScatterGather for the first reply, or tell it a message that carries a reference."));
        return true;
    }
}
