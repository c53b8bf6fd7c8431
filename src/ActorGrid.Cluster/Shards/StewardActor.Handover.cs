using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

internal sealed partial class StewardActor
{
    /// <summary>How long an opening waits for states after the fence is raised, or after the last piece of them.</summary>
    private static readonly TimeSpan PieceWait = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it waits in all.</summary>
    private static readonly TimeSpan StatesWait = TimeSpan.FromSeconds(1);

    /// <summary>How often to look whether a link takes more.</summary>
    private static readonly TimeSpan SendEvery = TimeSpan.FromMilliseconds(5);

    /// <summary>How often to look for states that nobody took.</summary>
    private static readonly TimeSpan DropEvery = TimeSpan.FromSeconds(5);

    private readonly HandoverInbox _inbox = new(parts.System.Time, parts.Options.HandoverBytesMax);
    private readonly HandoverOutbox _outbox = new(parts.System.Time, standing, parts.Options.HandoverBytesMax);

    private void OnPiece(Guid sender, HandoverSent piece)
    {
        // Of a term that has passed, or of no shard at all.
        if (piece.Shard.Value is < 0 or >= ClusterView.ShardsMax) return;
        if (piece.Shard.Value < _view.Shards.Length && piece.Term < _view[piece.Shard].Term) return;
        if (!Context.Timers.IsRunning(StewardTickKind.DropOld)) Context.Timers.StartOnce(StewardTickKind.DropOld, DropEvery, StewardTick.DropOld);
        if (_inbox.Add(sender, piece)
            && _shards.TryGetValue(piece.Shard.Value, out var shard) && shard is { Stage: ShardStage.Arriving } && TakeStates(shard, out var states))
        {
            Open(shard, states);
        }
    }

    private bool IsWorthWaiting(OwnedShard shard) => shard.AwaitsStates || _inbox.LastPieceAt(shard.Id, shard.Term) is not null;

    private void WaitForStates(OwnedShard shard)
    {
        shard.Stage = ShardStage.Arriving;
        Context.Timers.StartOnce(("arrive", shard), PieceWait, new StewardTick(StewardTickKind.Arrive, shard));
    }

    private void OnArriveTick(OwnedShard shard)
    {
        if (!IsMine(shard) || shard.Stage != ShardStage.Arriving) return;
        bool isComing = _inbox.LastPieceAt(shard.Id, shard.Term) is { } at && Context.Time.GetElapsedTime(at) < PieceWait;
        if (isComing && Context.Time.GetElapsedTime(shard.RaisedAt) < StatesWait)
        {
            WaitForStates(shard);
            return;
        }
        _inbox.Drop(shard.Id, shard.Term);
        Open(shard, states: null);
    }

    /// <summary>Takes the states of a shard if all of them have come, good or not.</summary>
    private bool TakeStates(OwnedShard shard, out HandedOver? states)
    {
        states = null;
        try
        {
            return _inbox.TryTake(shard.Id, shard.Term, out states);
        }
        catch (FormatException e)
        {
            // The journal has everything.
            LogStatesDamaged(shard.Id, e);
            return true;
        }
    }

    private void DropOldPieces()
    {
        if (_inbox.DropOld()) Context.Timers.StartOnce(StewardTickKind.DropOld, DropEvery, StewardTick.DropOld);
    }

    private void SendMore()
    {
        if (_outbox.Send()) Context.Timers.StartOnce(StewardTickKind.SendMore, SendEvery, StewardTick.SendMore);
    }
}
