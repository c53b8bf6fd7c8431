using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Is told what the store has done, at the moment at which it did: what checkers look at.</summary>
internal interface IStoreObserver
{
    /// <summary>A shard's append was performed; the outcome says whether it was committed.</summary>
    void OnAppend(SimulatedProcess writer, ShardAppend append, AppendOutcome outcome);

    /// <summary>A fence was raised, or refused.</summary>
    void OnFence(SimulatedProcess writer, FenceRaise raise, FenceOutcome outcome);

    /// <summary>Events of an entity were removed.</summary>
    void OnRemoved(SimulatedProcess writer, EventRemoval removal, RemovalOutcome outcome)
    {
    }

    /// <summary>The view was exchanged.</summary>
    void OnView(SimulatedProcess writer, ClusterView view, IReadOnlyList<Revocation> revocations);

    /// <summary>A cursor was to be moved.</summary>
    void OnCursor(SimulatedProcess writer, CursorMove move, bool isMoved)
    {
    }
}
