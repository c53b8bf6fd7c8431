using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Writes rows that were checked into an empty grid, in the open transaction: events into the log, and their runs into the tables now and then, so that memory is bounded whatever their number.</summary>
internal sealed class ArchiveWriter
{
    private const int UnindexedMax = 100_000, UntrimmedMax = 10_000;

    private readonly Database _database;
    private readonly EntityTable _entities;
    private readonly EventLog _log;
    private readonly Func<long, long, long?> _findPosition;
    private readonly FoundingView _founding;
    private readonly Statement _putHorizon, _addShard, _findEpoch, _addSnapshot, _addReply, _addTimer, _addAttachment, _addCursor, _addEntityRemoval, _addShardRemoval;
    private readonly string _path;
    private int _untrimmed;

    public ArchiveWriter(Database database, EntityTable entities, EventLog log, Func<long, long, long?> findPosition, GridIdentity grid, string path)
    {
        (_database, _entities, _log, _findPosition, _founding, _path) = (database, entities, log, findPosition, new FoundingView(grid), path);
        _putHorizon = database.Prepare("UPDATE progress SET forgotten_before = ?");
        _addShard = database.Prepare("INSERT INTO shard (shard, term, generation, owner, last_offset, youngest_reply) VALUES (?, ?, ?, ?, ?, ?)");
        _findEpoch = database.Prepare("SELECT term, generation FROM event WHERE position = ?");
        _addSnapshot = database.Prepare("INSERT INTO snapshot (entity, sequence, term, generation, at, payload) VALUES (?, ?, ?, ?, ?, ?)");
        _addEntityRemoval = database.Prepare("INSERT INTO entity_removal (entity, removed_to) VALUES (?, ?)");
        _addShardRemoval = database.Prepare("INSERT INTO shard_removal (shard, removed_to) VALUES (?, ?)");
        _addReply = database.Prepare("INSERT INTO reply (command, entity, kind, payload) VALUES (?, ?, ?, ?)");
        _addTimer = database.Prepare("INSERT INTO timer (entity, name, shard, due, type, key, set_sequence, manifest, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _addAttachment = database.Prepare("INSERT INTO attachment (entity, name, payload) VALUES (?, ?, ?)");
        _addCursor = database.Prepare("INSERT INTO subscription (name, shard, version, term, generation, done, given, issued_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    }

    public void Write(IEnumerable<ArchiveRow> rows)
    {
        RequireEmpty();
        var kind = ArchiveKind.Horizon;
        foreach (var row in rows)
        {
            if (kind == ArchiveKind.Event && (row.Kind != kind || _log.AddedCount >= UnindexedMax)) Index();
            kind = row.Kind;
            Write(row);
        }
        Index();
        if (_founding.Build() is not { } view) return;
        using var putView = _database.Prepare("INSERT INTO view (one, version, payload) VALUES (1, ?, ?)");
        putView.Bind(1, view.Version).Bind(2, ViewCodec.Encode(view)).Run();
    }

    private void RequireEmpty()
    {
        foreach (var (table, what) in new[]
        {
            ("event", "events"), ("shard", "shards that had an owner"), ("view", "the view of a cluster"), ("lease", "leases of nodes"), ("subscription", "cursors"), ("reply", "replies"), ("entity", "entities"),
        })
        {
            if (_database.ReadNumber($"SELECT EXISTS (SELECT 1 FROM {table})") == 1) throw ArchiveRefusal.NotEmpty($"The file '{_path}'", what);
        }
    }

    /// <summary>What is in the tables need not be remembered.</summary>
    private void Index()
    {
        _log.IndexAdded();
        Trim();
    }

    private void Trim()
    {
        _entities.Trim();
        _untrimmed = 0;
    }

    private void Write(ArchiveRow row)
    {
        switch (row)
        {
            case ArchivedHorizon horizon:
                _putHorizon.Bind(1, horizon.RepliesForgottenBeforeUnixMs).Run();
                break;
            case ArchivedRole or ArchivedEntityType:
                _founding.Add(row);
                break;
            case ArchivedShard shard:
                _founding.Add(shard);
                var (epoch, owner) = shard.Fence;
                _addShard.Bind(1, shard.Shard.Value).Bind(2, epoch.Term).Bind(3, epoch.Generation).Bind(4, owner).Bind(5, shard.LastOffset).Bind(6, shard.YoungestReplyIssuedAtUnixMs).Run();
                if (shard.RemovedTo > 0) _addShardRemoval.Bind(1, shard.Shard.Value).Bind(2, shard.RemovedTo).Run();
                break;
            case ArchivedEvent e:
                Write(e.Shard, e.Stored);
                break;
            case ArchivedSnapshot snapshot:
                Write(snapshot.Snapshot, snapshot.RemovedTo);
                break;
            case ArchivedReply reply:
                Write(reply.Reply);
                break;
            case ArchivedTimer timer:
                Write(timer.Shard, timer.Timer);
                break;
            case ArchivedAttachment attachment:
                _addAttachment.Bind(1, FindOrAdd(attachment.Entity)).Bind(2, attachment.Name).Bind(3, attachment.Payload.Span).Run();
                break;
            case ArchivedCursor(var key, var to):
                _addCursor.Bind(1, key.Name).Bind(2, key.Shard.Value).Bind(3, to.Version).Bind(4, to.Epoch.Term).Bind(5, to.Epoch.Generation).Bind(6, to.Offset).Bind(7, to.GivenTo)
                    .Bind(8, to.IssuedAtUnixMs).Run();
                break;
        }
    }

    private void Write(ShardId shard, StoredEvent stored)
    {
        var e = stored.Event;
        var entity = _entities.FindOrAdd(e.Entity, isListed: true);
        if (e.Sequence <= entity.LastSequence) throw ArchiveRefusal.Twice(e);
        entity.LastSequence = e.Sequence;
        _log.Add(shard, stored.Offset, entity.Id, stored.Epoch, e);
    }

    private void Write(SnapshotRecord snapshot, long removedTo)
    {
        if (_entities.Find(snapshot.Entity) is not { } entity || _findPosition(entity.Id, snapshot.Sequence) is not { } position || !_findEpoch.Bind(1, position).Step()) throw ArchiveRefusal.NoEvent(snapshot);
        var epoch = new Epoch(_findEpoch.Number(0), (int)_findEpoch.Number(1));
        _findEpoch.Reset();
        if (epoch != snapshot.Epoch) throw ArchiveRefusal.NoEvent(snapshot);
        _addSnapshot.Bind(1, entity.Id).Bind(2, snapshot.Sequence).Bind(3, epoch.Term).Bind(4, epoch.Generation).Bind(5, snapshot.AtUnixMs).Bind(6, snapshot.Payload.Span).Run();
        if (removedTo > 0) _addEntityRemoval.Bind(1, entity.Id).Bind(2, removedTo).Run();
        TrimSometimes();
    }

    private void Write(ReplyRecord reply)
    {
        Span<byte> command = stackalloc byte[16];
        reply.Command.WriteTo(command);
        _addReply.Bind(1, command).Bind(2, FindOrAdd(reply.Entity)).Bind(3, (int)reply.Kind).Bind(4, reply.Payload.Span).Run();
    }

    private void Write(ShardId shard, TimerRecord timer) => _addTimer
        .Bind(1, FindOrAdd(timer.Entity)).Bind(2, timer.Name).Bind(3, shard.Value).Bind(4, timer.DueUnixMs).Bind(5, timer.Entity.Type).Bind(6, timer.Entity.Key)
        .Bind(7, timer.SetSequence).Bind(8, timer.Manifest).Bind(9, timer.Payload.Span).Run();

    /// <summary>For what comes after the events.</summary>
    private long FindOrAdd(EntityId entity)
    {
        long id = _entities.FindOrAdd(entity).Id;
        TrimSometimes();
        return id;
    }

    private void TrimSometimes()
    {
        if (++_untrimmed >= UntrimmedMax) Trim();
    }
}
