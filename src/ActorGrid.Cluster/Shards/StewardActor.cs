using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// Brings what the node serves in line with what the view says it owns, for one incarnation. It alone tells the host of the shards to open,
/// release and close.
/// </summary>
/// <remarks>
/// <para>The invariants: a shard is served only in a term in which the view gave it to this incarnation, under a fence that was raised in
/// that term, after all leases have ended that were revoked when the view did so. Once <see cref="ShardReady"/> was told for a version of
/// the view, the shard is served again only after a later version in which it is this node's and not to be released.</para>
/// <para>Whatever happens to a single shard is decided here: one that was fenced waits for the view, one that stopped on a defect is opened
/// anew under a later generation, at growing intervals. A failure of the steward itself is the node's to decide.</para>
/// </remarks>
internal sealed partial class StewardActor(NodeParts parts, ShardHost host, Standing standing, ActorRef<INodeMessage> node) : Actor<IStewardMessage>
{
    /// <summary>By the number of the shard, so that nothing depends on another order.</summary>
    private readonly SortedDictionary<int, OwnedShard> _shards = [];

    /// <summary>Shards that move here, by the view: their states come with them.</summary>
    private readonly HashSet<ShardId> _coming = [];

    /// <summary>Those of the view's revoked leases that have ended.</summary>
    private readonly HashSet<Guid> _ended = [];
    private ClusterView _view = ClusterView.Empty(parts.Setting.Grid);

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        return default;
    }

    protected override ValueTask OnMessageAsync(IStewardMessage message)
    {
        // The node closes all shards at the end of an incarnation; nothing is opened after.
        if (standing.IsOver) return default;
        switch (message)
        {
            case ViewChanged changed when changed.Standing == standing && changed.View.Version > _view.Version:
                Follow(changed.View);
                break;
            case LeaseEnded ended when ended.Standing == standing:
                _ended.Add(ended.Incarnation);
                RaiseFences();
                break;
            case FencesRaised raised:
                OnFencesRaised(raised);
                break;
            case ViewLooked looked:
                OnViewLooked(looked);
                break;
            case ShardReleased released:
                OnReleased(released);
                break;
            case ShardEnded ended:
                OnShardEnded(ended);
                break;
            case FromPeer { Message: HandoverSent piece } from when from.Standing == standing:
                OnPiece(from.Link.Peer.Incarnation, piece);
                break;
            case StewardTick tick:
                OnTick(tick);
                break;
        }
        return default;
    }

    private void OnTick(StewardTick tick)
    {
        switch (tick.Kind)
        {
            case StewardTickKind.RaiseAgain:
                _isBackingOff = false;
                RaiseFences();
                break;
            case StewardTickKind.LookAgain:
                LookAtView();
                break;
            case StewardTickKind.SendMore:
                SendMore();
                break;
            case StewardTickKind.DropOld:
                DropOldPieces();
                break;
            case StewardTickKind.Arrive:
                OnArriveTick(tick.Shard!);
                break;
            case StewardTickKind.Reopen when tick.Shard is { Stage: ShardStage.Resting } shard && IsMine(shard):
                shard.Stage = ShardStage.Waiting;
                RaiseFences();
                break;
        }
    }

    private void Follow(ClusterView view)
    {
        var before = _view;
        _view = view;
        _ended.RemoveWhere(id => view.Revoked.All(r => r.Incarnation != id));
        Guid[] waitsFor = [.. view.Revoked.Select(r => r.Incarnation)];
        for (int i = 0; i < view.Shards.Length; i++)
        {
            var (id, ownership) = (new ShardId(i), view.Shards[i]);
            var shard = _shards.GetValueOrDefault(i);
            if (shard is not null && (ownership.Owner != standing.Incarnation || ownership.Term != shard.Term))
            {
                Leave(shard, ownership);
                shard = null;
            }
            if (ownership.Owner == standing.Incarnation)
            {
                shard ??= Take(id, ownership.Term, waitsFor, OwnerBefore(before, id, ownership.Term));
                if (view.IsToBeReleased(id)) Release(shard);
                else Keep(shard);
            }
            if (ownership.Next == standing.Incarnation) _coming.Add(id);
            else _coming.Remove(id);
        }
        RaiseFences();
        SendMore();
    }

    /// <summary>The owner of a shard in the term before; empty if nobody was, or the view before is older than that.</summary>
    private static Guid OwnerBefore(ClusterView before, ShardId id, long term) =>
        id.Value < before.Shards.Length && before[id].Term == term - 1 ? before[id].Owner : Guid.Empty;

    private OwnedShard Take(ShardId id, long term, IReadOnlyList<Guid> waitsFor, Guid lastOwner)
    {
        var shard = new OwnedShard(id, term)
        {
            WaitsFor = waitsFor,
            LastOwner = lastOwner,
            AwaitsStates = _coming.Contains(id) && _view.Find(lastOwner) is not null,
        };
        _shards.Add(id.Value, shard);
        host.Expect(id);
        return shard;
    }

    private void Leave(OwnedShard shard, ShardOwnership now)
    {
        _shards.Remove(shard.Id.Value);
        host.Close(shard.Id, now.Owner == Guid.Empty ? "it has no owner now" : "another node owns it now");
        if (shard.Stage == ShardStage.Drained && now.Owner != Guid.Empty && now.Owner != standing.Incarnation && now.Term == shard.Term + 1)
        {
            _outbox.Add(now.Owner, now.Term, shard.Id, shard.States, Context.Time.GetTimestamp());
        }
    }

    private bool IsMine(OwnedShard shard) => _shards.GetValueOrDefault(shard.Id.Value) == shard;

    private void OnShardEnded(ShardEnded ended)
    {
        if (!_shards.TryGetValue(ended.Shard.Value, out var shard)) return;
        // Of an earlier opening, which was closed since. One that has no epoch was not opened yet, and may be this one.
        if (shard.IsServed && ended.Epoch.Term > 0 && ended.Epoch < shard.Epoch) return;
        // Its calls go back to where they came from; those that come wait for the next opening.
        host.Close(shard.Id, "it has stopped");
        host.Expect(shard.Id);
        if (!shard.IsServed) return;
        shard.IsServed = false;
        shard.States = null;
        // What the last opening had under way is shut out by a later generation, whatever becomes of it.
        var last = ended.Epoch > shard.Epoch ? ended.Epoch : shard.Epoch;
        shard.Epoch = last with { Generation = last.Generation + 1 };
        if (ended.End == ShardEnd.Defect) CountDefect(shard, ended.Reason);
        if (shard.Stage is ShardStage.Releasing or ShardStage.Drained) Drain(shard, states: null);
        else if (ended.End == ShardEnd.Defect) Rest(shard);
        else shard.Stage = ShardStage.Waiting;
        RaiseFences();
    }

    private void CountDefect(OwnedShard shard, Exception? reason)
    {
        bool isInARow = shard.Defects > 0 && Context.Time.GetElapsedTime(shard.RaisedAt) < DefectsInARowWithin;
        shard.Defects = isInARow ? shard.Defects + 1 : 1;
        if (shard.Defects < DefectsToTell) return;
        node.Tell(new ShardDefect(standing, shard.Id, reason ?? new InvalidOperationException("It stopped on a defect.")));
    }

    private void Rest(OwnedShard shard)
    {
        shard.Stage = ShardStage.Resting;
        var delay = TimeSpan.FromMilliseconds(Math.Min(RestMaxMs, RestMinMs << Math.Min(shard.Defects - 1, 16)));
        LogRest(shard.Id, shard.Defects, delay);
        Context.Timers.StartOnce(("reopen", shard), delay, new StewardTick(StewardTickKind.Reopen, shard));
    }

    private const int DefectsToTell = 3;
    private const long RestMinMs = 20, RestMaxMs = 30_000;
    private static readonly TimeSpan DefectsInARowWithin = TimeSpan.FromMinutes(2);
}
