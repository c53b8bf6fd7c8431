using System.Collections.Frozen;

namespace ActorGrid.Cluster;

/// <summary>What the parts of a node know in common, for one incarnation of it. When that is over, nothing of it is answered any more, and the node gets
/// another.</summary>
/// <remarks>Read from any thread.</remarks>
internal sealed class Standing(Guid incarnation, ClusterView view, LeaseTrust lease)
{
    private volatile ClusterView _view = view;
    private volatile FrozenDictionary<Guid, ILink> _links = FrozenDictionary<Guid, ILink>.Empty;
    private volatile bool _isOver;

    public Guid Incarnation => incarnation;

    public LeaseTrust Lease => lease;

    /// <summary>The newest view that the node has seen. Set by the node's actor alone, and only forward.</summary>
    public ClusterView View
    {
        get => _view;
        set => _view = value.Version > _view.Version
            ? value
            : throw new InvalidOperationException($"View {value.Version} follows view {_view.Version}.");
    }

    /// <summary>The open links by the incarnation at their other end. Set by the actor of the links alone.</summary>
    public FrozenDictionary<Guid, ILink> Links
    {
        get => _links;
        set => _links = value;
    }

    /// <summary>Whether the incarnation has left or was declared dead. It stays so.</summary>
    public bool IsOver => _isOver;

    /// <summary>Whether a reply that rests on no append may leave at this moment: nobody else can have answered for this node's shards.</summary>
    public bool MayAnswer => !_isOver && lease.IsTrusted && _view.Version >= lease.ViewVersion;

    public void End() => _isOver = true;
}
