namespace ActorGrid.Persistence;

internal sealed partial class ArchiveCheck
{
    private readonly Dictionary<EntityId, long> _sequences = [];
    private readonly HashSet<int> _written = [];

    /// <summary>Entities whose first event is not there, with the number of the last that is missing, until the snapshot says that it was removed.</summary>
    private readonly Dictionary<EntityId, long> _shortened = [];
    private ShardId _shard = new(-1);
    private long _offset;
    private Epoch _epoch;

    private void Check(ArchivedEvent row)
    {
        var (e, offset, epoch) = row.Stored;
        var shard = FindShard(row.Shard, e.Entity);
        if (row.Shard != _shard) BeginShard(row.Shard);
        Require(offset == _offset + 1 || (offset > _offset && offset - 1 <= shard.RemovedTo), $"the event with the offset {offset} of {row.Shard} follows on {_offset}");
        Require(offset <= shard.LastOffset, $"{row.Shard} has an event with the offset {offset}, and its last one is {shard.LastOffset}");
        Require(epoch.IsOfOwner && epoch >= _epoch && epoch <= shard.Fence.Epoch, $"the event with the offset {offset} of {row.Shard} cannot be of the epoch {epoch}: that before it is {_epoch}, the shard's {shard.Fence.Epoch}");
        if (!_sequences.TryGetValue(e.Entity, out long before) && e.Sequence > 1 && shard.RemovedTo > 0)
        {
            before = e.Sequence - 1;
            if (!_shortened.TryAdd(e.Entity, before)) throw ArchiveRefusal.Twice(e);
        }
        Require(e.Sequence == before + 1, $"event {e.Sequence} of {e.Entity} follows on event {before}");
        Require(!string.IsNullOrEmpty(e.Manifest), $"event {e.Sequence} of {e.Entity} has no name");
        CheckSize("event", e.Entity, e.Payload.Length, JournalLimits.PayloadBytesMax);
        _sequences[e.Entity] = e.Sequence;
        (_offset, _epoch) = (offset, epoch);
    }

    private void BeginShard(ShardId shard)
    {
        EndShard();
        (_shard, _offset, _epoch) = (shard, 0, default);
        // The entities of a shard are in no other.
        _sequences.Clear();
        _written.Add(shard.Value);
    }

    private void EndShard()
    {
        if (_shards.TryGetValue(_shard.Value, out var shard)) Require(shard.LastOffset == _offset, $"the last event of {_shard} has the offset {_offset}, and the last offset is {shard.LastOffset}");
    }

    private void EndEvents()
    {
        EndShard();
        _sequences.Clear();
        foreach (var shard in _shards.Values) Require(shard.LastOffset == 0 || _written.Contains(shard.Shard.Value), $"{shard.Shard} has the last offset {shard.LastOffset}, and there are no events of it");
    }

    private void Check(SnapshotRecord snapshot, long removedTo)
    {
        Check(snapshot.Entity);
        Require(snapshot.Sequence >= 1 && snapshot.Epoch.IsOfOwner, $"the snapshot of {snapshot.Entity} cannot rest on event {snapshot.Sequence} of the epoch {snapshot.Epoch}");
        _shortened.Remove(snapshot.Entity, out long missingTo);
        Require(missingTo == removedTo, $"the events of {snapshot.Entity} up to {missingTo} are missing, and its snapshot says that those up to {removedTo} were removed");
        Require(removedTo >= 0 && removedTo < snapshot.Sequence, $"the events of {snapshot.Entity} up to {removedTo} cannot have been removed below a snapshot of event {snapshot.Sequence}");
        CheckSize("snapshot", snapshot.Entity, snapshot.Payload.Length, JournalLimits.PayloadBytesMax);
    }

    private void EndSnapshots()
    {
        if (_shortened.Count == 0) return;
        var (entity, missingTo) = _shortened.First();
        throw Fault($"the events of {entity} up to {missingTo} are missing, and no snapshot says that they were removed");
    }

    private void Check(ReplyRecord reply)
    {
        Check(reply.Entity);
        Require(reply.Kind is >= ReplyKind.Accepted and <= ReplyKind.Failed, $"a reply of {reply.Entity} is of the kind {(int)reply.Kind}, which is none");
        // By that time a shard knows which commands it cannot have seen: behind it, a repeated one would be executed again.
        int place = ShardId.Of(reply.Entity, grid.ShardCount).Value;
        bool isKnown = false;
        for (int space = 0; space < _roles.Count; space++)
        {
            isKnown |= _shards.TryGetValue((space * grid.ShardCount) + place, out var shard) && shard.YoungestReplyIssuedAtUnixMs >= reply.Command.IssuedAtUnixMs;
        }
        Require(isKnown, $"the command {reply.Command} of {reply.Entity} is younger than the youngest that its shard has replied to");
        CheckSize("reply", reply.Entity, reply.Payload.Length, JournalLimits.PayloadBytesMax);
    }

    private void Check(ArchivedTimer row)
    {
        var timer = row.Timer;
        FindShard(row.Shard, timer.Entity);
        // One that only marks an entity as active has no command.
        Require(!string.IsNullOrEmpty(timer.Name) && timer.SetSequence >= 0, $"a timer of {timer.Entity} has no name, or was set by event {timer.SetSequence}");
        Require(timer.DueUnixMs >= 0, $"the timer '{timer.Name}' of {timer.Entity} cannot be due at {timer.DueUnixMs}");
        CheckSize("timer", timer.Entity, timer.Payload.Length, JournalLimits.PayloadBytesMax);
    }

    private static void Check(ArchivedAttachment row)
    {
        Check(row.Entity);
        Require(row.Name is { Length: >= 1 and <= JournalLimits.AttachmentNameLengthMax }, $"the name of an attachment of {row.Entity} has {row.Name?.Length} characters; 1 to {JournalLimits.AttachmentNameLengthMax} are allowed");
        CheckSize("attachment", row.Entity, row.Payload.Length, JournalLimits.AttachmentBytesMax);
    }

    private void Check(ArchivedCursor row)
    {
        var (key, cursor) = row;
        Require(EntityId.IsName(key.Name), $"'{key.Name}' cannot name a subscription");
        var shard = FindShard(key.Shard);
        // Who moves a cursor goes beyond its version.
        Require(
            cursor is { Version: >= 1 and < long.MaxValue / 2, Offset: >= 0, IssuedAtUnixMs: >= 0 and <= CommandTimeMax } && cursor.Offset <= shard.LastOffset && cursor.GivenTo >= cursor.Offset && cursor.Epoch <= shard.Fence.Epoch,
            $"'{key.Name}' cannot have the cursor {cursor} in {key.Shard}, whose last offset is {shard.LastOffset} and whose epoch is {shard.Fence.Epoch}");
    }
}
