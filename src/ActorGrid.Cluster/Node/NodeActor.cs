using System.Collections.Immutable;
using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>
/// The node: it lives one incarnation after the other, learns of views and proposes them, and is the supervisor of the parts.
/// </summary>
/// <remarks>
/// What fails below it is decided here, for the node as a whole: a part that has failed may hold wrong memory, so the incarnation ends, with all its shards, and
/// the node joins again as another, after a pause that grows; after <see cref="NodeSupervision"/>'s limit it stops for good. Its shards are taken over by the
/// other nodes meanwhile: that is the level above, the grid.
/// </remarks>
internal sealed partial class NodeActor : Actor<INodeMessage>
{
    private readonly NodeParts _parts;
    private readonly PartMaker _make;
    private readonly ActorRef<IRouterMessage> _router;
    private readonly ClusterServices _services;
    private readonly NodeEvents _events;
    private readonly MembershipLimits _limits;
    private readonly ImmutableSortedDictionary<string, string> _typeRoles;
    private readonly GuardedAllocation _allocation;
    private Life? _life;

    public NodeActor(NodeParts parts, ActorRef<IRouterMessage> router, ClusterServices services, NodeEvents events, PartMaker make)
    {
        _parts = parts;
        _router = router;
        _services = services;
        _events = events;
        _make = make;
        _limits = parts.Options.Limits;
        _allocation = new GuardedAllocation(parts.Setting.Allocation, LogAllocationFailed);
        _typeRoles = parts.Types.All.ToImmutableSortedDictionary(t => t.Name, t => t.Options.Role, StringComparer.Ordinal);
    }

    /// <summary>What becomes of a part that has failed is decided in <see cref="OnPartStopped"/>.</summary>
    protected override SupervisionStrategy Supervision => SupervisionStrategy.Stopping;

    private ClusterSetting Setting => _parts.Setting;

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        Context.Timers.StartPeriodic(typeof(Tick), _parts.Options.HeartbeatEvery, Tick.Instance);
        Rehearse();
        BeginLife();
        return default;
    }

    /// <summary>On a stop and on a restart alike: nothing is answered any more before the children's ends have been waited for.</summary>
    protected override ValueTask OnStopAsync()
    {
        if (_life is { IsEnding: false, Standing: var standing })
        {
            standing.End();
            if (!_parts.IsClient) _events.Abandoned = standing.Incarnation;
            _router.TryTell(new StandingOver(standing, "the node has stopped"));
        }
        _parts.Standing = null;
        return default;
    }

    protected override ValueTask OnMessageAsync(INodeMessage message)
    {
        switch (message)
        {
            case Tick:
                OnTick();
                break;
            case PeersSeen seen when IsPresent(seen.Standing):
                // Who is to judge by its lease has to know its last number as early as possible: from then on the lease is waited out.
                if (_life!.See(seen.Sights) && !_parts.IsClient) ReadLeases(_life, LeasesReadEvery);
                OnSuspects();
                Consider();
                break;
            case LeaseNumberSeen number when IsPresent(number.Standing):
                _life!.SeeLease(number.Peer, number.Number);
                break;
            case NewerViewSeen newer when IsPresent(newer.Standing):
                OnNewerView(newer);
                break;
            case LeaseRenewed renewed when IsPresent(renewed.Standing):
                OnRenewed(renewed.Renewal);
                break;
            case FromPeer from when IsPresent(from.Standing):
                OnMessageOfPeer(from);
                break;
            case LinkOpened or LinkClosed:
                _services.OnChanged();
                break;
            case ShardReady ready when IsPresent(ready.Standing):
                _life!.Drained(ready);
                Consider();
                break;
            case ShardDefect defect when IsPresent(defect.Standing):
                ClusterMeter.OnShardDefect();
                LogShardDefect(defect.Shard, defect.Reason);
                break;
            case LifeMessage life:
                OnLifeMessage(life);
                break;
            case ViewMessage view:
                OnViewMessage(view);
                break;
        }
        return default;
    }

    private bool IsPresent(Standing standing) => _life?.Standing == standing && !standing.IsOver;

    private void OnTick()
    {
        if (_life is not { Standing.IsOver: false }) return;
        if (_parts.IsClient)
        {
            LookForMembers();
            return;
        }
        OnSuspects();
        if (_isUnsettled) Consider();
    }

    private void OnSuspects()
    {
        if (_life!.Suspect()) _life.Lease?.TryTell(new SuspectsChanged(_life.Suspects, _life.IsCutOff));
    }

    private void OnRenewed(LeaseRenewal renewal)
    {
        if (renewal.IsRevoked)
        {
            EndLife("its lease was revoked, since others took it for dead", defect: null);
            return;
        }
        _life!.Peers.Tell(LeaseNumberChanged.Instance);
        if (renewal.ViewVersion > _life.Standing.View.Version) ReadView();
        Consider();
    }

    private sealed record Tick : INodeMessage
    {
        public static readonly Tick Instance = new();
    }
}

/// <summary>Makes the parts of an incarnation.</summary>
/// <param name="Steward">Makes the steward.</param>
/// <param name="Peers">Makes the actor of the links.</param>
/// <param name="CloseShards">Drops all shards, and ends when they have stopped; for a reason, which their callers are told.</param>
internal sealed record PartMaker(
    Func<Standing, ActorRef<INodeMessage>, Actor<IStewardMessage>> Steward,
    Func<Standing, NodeHello, ActorRef<INodeMessage>, Actor<IPeerMessage>> Peers,
    Func<string, Task> CloseShards);
