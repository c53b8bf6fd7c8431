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
        var shard = _shards.GetValueOrDefault(piece.Shard.Value);
        if (!IsExpected(shard, sender, piece)) return;
        if (!Context.Timers.IsRunning(StewardTickKind.DropOld)) Context.Timers.StartOnce(StewardTickKind.DropOld, DropEvery, StewardTick.DropOld);
        if (_inbox.Add(sender, piece) && shard is { Stage: ShardStage.Arriving } && TakeStates(shard, out var states)) Open(shard, states);
    }

    /// <summary>Only who owned the shard in the term before knows its states: the owner of now, if the view that gives the shard to this node is still to come.</summary>
    private bool IsExpected(OwnedShard? ours, Guid sender, HandoverSent piece)
    {
        if (ours is not null) return !ours.IsServed && sender == ours.LastOwner && piece.Term == ours.Term;
        if (piece.Shard.Value < 0 || piece.Shard.Value >= _view.Shards.Length) return false;
        var known = _view[piece.Shard];
        return sender == known.Owner && piece.Term == known.Term + 1;
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
