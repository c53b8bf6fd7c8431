using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>What the parts of a node share for as long as it runs, over all its incarnations.</summary>
/// <remarks>
/// <para>The shards (<c>ShardHost</c>) and the router are made once for each node, the steward once for each incarnation, as a child of the node's
/// actor. At the end of an incarnation the node first ends its <see cref="Cluster.Standing"/>, then stops the steward, closes all shards and waits until
/// they have stopped, then ends the lease; only after that there is another standing. So whatever a shard asks of <see cref="Standing"/> is asked of the
/// incarnation that opened it.</para>
/// <para>A client has no shards and no steward, and its standing never may answer.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class NodeParts(ClusterSetting setting) : IAnswerGate
{
    private readonly Lock _haltLock = new();
    private volatile Standing? _standing;
    private bool _isHalted;
    private volatile ActorRef<IStewardMessage>? _steward;
    private volatile ClusterView _lastView = ClusterView.Empty(setting.Grid);

    public ClusterSetting Setting => setting;

    public ClusterOptions Options => setting.Options;

    public ActorSystem System => setting.System;

    public EntityTypes Types { get; } = new(setting.Types);

    public string Name { get; } = setting.Options.Name ?? (setting.Transport.Endpoint.Length > 0 ? setting.Transport.Endpoint : "client");

    public bool IsClient => setting.Transport.Endpoint.Length == 0;

    /// <summary>The present incarnation's; null before the first has read a view, and between two.</summary>
    public Standing? Standing
    {
        get => _standing;
        set
        {
            lock (_haltLock)
            {
                if (_isHalted) value?.End();
                _standing = value;
            }
        }
    }

    /// <summary>Once this has returned, nothing is answered from memory any more, by this incarnation or another.</summary>
    public void Halt()
    {
        lock (_haltLock)
        {
            _isHalted = true;
            _standing?.End();
        }
    }

    /// <summary>The present incarnation's; null between two. What is for a steward that has gone is void.</summary>
    public ActorRef<IStewardMessage>? Steward
    {
        get => _steward;
        set => _steward = value;
    }

    /// <summary>The newest view that any incarnation has seen; for people, never for decisions.</summary>
    public ClusterView LastView
    {
        get => _lastView;
        set => _lastView = value;
    }

    public bool MayAnswer => _standing is { MayAnswer: true };
}
