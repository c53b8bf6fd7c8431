using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>A database that holds a grid of several nodes: journal, snapshots, view and leases in one place, so that one commit can fence them all.</summary>
/// <remarks>One object is the connection of one node. Safe to use from any thread.</remarks>
public interface ISharedStore : IGridStore
{
    /// <summary>The view and the leases. May be used once <see cref="IGridStore.OpenAsync"/> has ended well.</summary>
    IClusterStore Cluster { get; }
}
