using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>How an ask has ended for the entity.</summary>
internal enum Outcome
{
    Replied,
    NotWritten,
    Unknown,
}

internal static class Outcomes
{
    /// <summary>What the table of outcomes says; null: no ask of the mixed scenario may end so.</summary>
    public static Outcome? Of(Exception e) => e switch
    {
        OverloadedException or StoreException or CommandRejectedException => Outcome.NotWritten,
        AskTimeoutException or OwnershipLostException or SystemStoppedException or ProcessDiedException => Outcome.Unknown,
        _ => null,
    };
}
