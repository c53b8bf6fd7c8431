using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The states that go to the next owner, and those that came from the last.</summary>
internal sealed partial class ShardActor
{
    /// <summary>What is encoded in one turn at most, so that other shards have theirs.</summary>
    private const int ExportTurnBytes = 128 << 10;
    private const int ExportTurnEntities = 256;

    /// <summary>Those of the last owner that nobody asked for this long go; they would be read if one did.</summary>
    private const long CarriedForMs = 120_000;

    /// <summary>The states of the last owner that are not in use yet. Each is the entity's last one for as long as it is here, since
    /// whatever changes the entity takes it out first.</summary>
    private readonly Dictionary<EntityId, HandedEntity> _carried = [];
    private long _carriedBytes;

    /// <summary>What is still to be encoded; null if no export is under way.</summary>
    private Queue<StateToHand>? _toExport;
    private List<HandedEntity> _exported = [];
    private long _exportedBytes;

    private bool HasRoomToExport => _exportedBytes < _node.HandoverBytesMax && !_node.HandoverBytes.IsExceeded;

    private void Carry(HandedOver states)
    {
        foreach (var state in states.Entities)
        {
            if (_node.HandoverBytes.IsExceeded || !_carried.TryAdd(state.State.Entity, state)) continue;
            _carriedBytes += state.Bytes;
            _node.HandoverBytes.Take(state.Bytes);
        }
    }

    private bool TryRecoverCarried(EntitySlot slot)
    {
        if (!_carried.Remove(slot.Id, out var state)) return false;
        _carriedBytes -= state.Bytes;
        _node.HandoverBytes.Return(state.Bytes);
        try
        {
            slot.Recover(state);
            return true;
        }
        catch (Exception e)
        {
            // A codec of the user, mostly of two versions. The history is there.
            LogStateDropped(slot.Id, e);
            return false;
        }
    }

    private void DropCarried()
    {
        _carried.Clear();
        _node.HandoverBytes.Return(_carriedBytes);
        _carriedBytes = 0;
    }

    /// <summary>Begins to encode once nothing is in hand: from then on nothing changes, so what is durable is all there is.</summary>
    private void ExportIfIdle()
    {
        if (_toExport is not null || _isInFlight || _isRaising || _gathering.Rows > 0 || _inShard > _kept.Count || _firings > 0) return;
        // Those used last first: if not all fit, these are the ones that will be asked for.
        var slots = _slots.Values.Where(s => s.Phase == SlotPhase.Ready)
            .OrderByDescending(s => s.LastUsedMs).ThenBy(s => s.Id.ToString(), StringComparer.Ordinal);
        _toExport = new Queue<StateToHand>(slots.Select(s => s.Export()).OfType<StateToHand>());
        ExportMore();
    }

    private void ExportMore()
    {
        if (_phase != ShardPhase.Releasing || _toExport is null) return;
        long turnEnds = _exportedBytes + ExportTurnBytes;
        for (int i = 0; i < ExportTurnEntities && HasRoomToExport && _exportedBytes < turnEnds; i++)
        {
            if (!_toExport.TryDequeue(out var next)) break;
            Export(next);
        }
        if (_toExport.Count > 0 && HasRoomToExport)
        {
            Self.Tell(Tick.Export);
            return;
        }
        // What came from the last owner and was not used here is as good as it was.
        foreach (var state in _carried.Values.OrderBy(s => s.State.Entity.ToString(), StringComparer.Ordinal))
        {
            if (HasRoomToExport) Export(state);
        }
        _toExport = null;
        _phase = ShardPhase.Released;
        _release?.TrySetResult(new HandedOver(_shard, _offset, _exported));
        _release = null;
    }

    private void Export(StateToHand next)
    {
        try
        {
            var state = next.State.Encode();
            if (state.Payload.Length > JournalLimits.PayloadBytesMax) return;
            // The next owner would take what comes out of it for the state, snapshot that, and remove the events that say otherwise.
            if (_slots.GetValueOrDefault(state.Entity)?.Type is { Options.RemoveEventsAfter: not null } type && next.State.DifferenceFrom(state) is { } difference)
            {
                NodeMeter.OnSnapshotMismatch(type.Name);
                throw new CodecException($"It does not come back as it went: {difference}");
            }
            Export(new HandedEntity(state, next.SnapshotSequence));
        }
        catch (Exception e)
        {
            // The codec of a state is user code. The history has everything.
            LogStateDropped(next.State.Entity, e);
        }
    }

    private void Export(HandedEntity state)
    {
        _exported.Add(state);
        _exportedBytes += state.Bytes;
        _node.HandoverBytes.Take(state.Bytes);
    }

    private void DropExport()
    {
        _toExport = null;
        // The list is whoever's it was given to.
        _exported = [];
        _node.HandoverBytes.Return(_exportedBytes);
        _exportedBytes = 0;
    }
}
