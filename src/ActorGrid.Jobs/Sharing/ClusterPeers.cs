using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>The other nodes of a cluster.</summary>
internal sealed class ClusterPeers(ClusterNode node) : IJobPeers
{
    /// <summary>The name of the service; part of the protocol between nodes.</summary>
    private const string Service = "jobs";

    public Guid Self => node.Incarnation;

    public IReadOnlyList<JobPeer> Peers
    {
        get
        {
            var self = node.Incarnation;
            var reachable = node.Services.Reachable.Select(peer => peer.Incarnation).ToHashSet();
            return
            [
                .. node.View.Members.Where(member => member.Incarnation != self)
                    .Select(member => new JobPeer(member.Incarnation, member.Name, reachable.Contains(member.Incarnation))),
            ];
        }
    }

    public void Start(Action<Guid, ReadOnlyMemory<byte>> onMessage, Action onChanged)
    {
        node.Services.OnChanged(onChanged);
        node.Services.Register(Service, (peer, message) => onMessage(peer.Incarnation, message));
    }

    public bool Send(Guid peer, ReadOnlySpan<byte> message) => node.Services.Send(peer, Service, message);

    public Guid OwnerOf(EntityId job)
    {
        var view = node.View;
        if (!view.TryShardOf(job, out var shard)) return Guid.Empty;
        var owner = view[shard].Owner;
        return owner == node.Incarnation ? Guid.Empty : owner;
    }
}
