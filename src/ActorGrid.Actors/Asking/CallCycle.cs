namespace ActorGrid.Actors;

/// <summary>Finds out whether an actor that is about to wait for a reply would wait for itself: whom it asked waits for somebody, who waits for somebody, who waits for it.</summary>
/// <remarks>
/// <para>An actor waits for one ask at a time: it publishes that ask (<see cref="ActorCell.WaitsFor"/>), then looks. Of actors that close a cycle from several sides at once the last to publish sees
/// all the others, since publishing is a full barrier.</para>
/// <para>An ask counts only while it is open and the one who was asked still holds it: in its mailbox, or as the message whose handling waits. Once that has been handled, someone else may have been
/// given the reply slot. All of them are looked at twice: what was waited for at both looks was waited for in between, so there was a moment at which all of them were.</para>
/// </remarks>
internal static class CallCycle
{
    /// <summary>Longer ones end at the deadline.</summary>
    private const int ActorsMax = 32;

    /// <summary>The asks of the cycle, the one of <paramref name="self"/> first; null if there is none.</summary>
    public static List<IAsk>? Find(ActorCell self, IAsk asked)
    {
        if (Follow(self, asked) is not { } first || !AreHeld(self, first)) return null;
        return Follow(self, asked) is { } second && first.SequenceEqual(second) && AreHeld(self, second) ? first : null;
    }

    /// <summary>Goes from ask to ask until one leads back. Cheap, since most lead to an actor that waits for nobody.</summary>
    private static List<IAsk>? Follow(ActorCell self, IAsk asked)
    {
        List<IAsk>? asks = null;
        for (IAsk? ask = asked; ask is not null && !ask.Reply.IsCompleted; ask = ask.Target.Cell.WaitsFor)
        {
            (asks ??= []).Add(ask);
            // A router's reference names the router; what came by it is known by the mail at hand.
            if (ask.Target.Cell == self || self.Handles(ask)) return asks;
            if (asks.Count == ActorsMax) return null;
        }

        return null;
    }

    private static bool AreHeld(ActorCell self, List<IAsk> asks)
    {
        for (int i = 0; i < asks.Count - 1; i++)
        {
            if (!asks[i].Target.Cell.Holds(asks[i])) return false;
        }

        return self.Holds(asks[^1]);
    }
}
