using System.Runtime.CompilerServices;

namespace ActorGrid.Persistence;

/// <summary>The rows are those of one moment because they are gathered under the lock; what they hold is never changed in its place.</summary>
internal sealed partial class InMemoryJournal : IGridArchive
{
    /// <summary>Roles and entity types that were written here. Nobody but a cluster asks for them, and there is none in memory: they are given back.</summary>
    private readonly List<ArchiveRow> _layout = [];

    public async IAsyncEnumerable<ArchiveRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var row in await Locked(_ => Gather(), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Copy(row);
        }
    }

    public async Task WriteAsync(IAsyncEnumerable<ArchiveRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var grid = await Locked(static grid => grid, cancellationToken);
        var all = new List<ArchiveRow>();
        await foreach (var row in ArchiveCheck.Of(rows, grid, cancellationToken)) all.Add(Copy(row));
        await Locked(_ => Write(all), cancellationToken);
    }

    private List<ArchiveRow> Gather()
    {
        List<ArchiveRow> rows = [new ArchivedHorizon(_forgottenBeforeUnixMs), .. _layout];
        foreach (var (id, shard) in _shards)
        {
            rows.Add(new ArchivedShard(id, shard.Fence, shard.LastOffset, shard.YoungestReplyIssuedAtUnixMs, shard.Events.RemovedTo));
            rows.AddRange(shard.Events.Page(0, int.MaxValue).Select(e => new ArchivedEvent(id, e)));
            rows.AddRange(shard.Timers.Values.Select(timer => new ArchivedTimer(id, timer)));
        }
        foreach (var (id, entity) in _entities)
        {
            if (entity.Snapshot is { } snapshot) rows.Add(new ArchivedSnapshot(snapshot, entity.RemovedTo));
            rows.AddRange(entity.Replies.Values.Select(static reply => new ArchivedReply(reply)));
            rows.AddRange(entity.Attachments.Select(attachment => new ArchivedAttachment(id, attachment.Key, attachment.Value)));
        }
        rows.AddRange(_cursors.Select(static cursor => new ArchivedCursor(cursor.Key, cursor.Value)));
        rows.Sort(ArchiveOrder.Instance);
        return rows;
    }

    /// <summary>All is looked at before anything is changed.</summary>
    private bool Write(List<ArchiveRow> rows)
    {
        string? what = _shards.Count > 0 ? "shards that had an owner" : _cursors.Count > 0 ? "cursors" : _layout.Count > 0 ? "roles or entity types" : null;
        if (what is not null) throw ArchiveRefusal.NotEmpty("The store in memory", what);
        var epochs = new Dictionary<(EntityId, long), Epoch>();
        foreach (var (e, _, epoch) in rows.OfType<ArchivedEvent>().Select(static row => row.Stored))
        {
            if (!epochs.TryAdd((e.Entity, e.Sequence), epoch)) throw ArchiveRefusal.Twice(e);
        }
        foreach (var snapshot in rows.OfType<ArchivedSnapshot>().Select(static row => row.Snapshot))
        {
            if (!epochs.TryGetValue((snapshot.Entity, snapshot.Sequence), out var epoch) || epoch != snapshot.Epoch) throw ArchiveRefusal.NoEvent(snapshot);
        }
        foreach (var row in rows) Write(row);
        return true;
    }

    private void Write(ArchiveRow row)
    {
        switch (row)
        {
            case ArchivedHorizon horizon:
                _forgottenBeforeUnixMs = horizon.RepliesForgottenBeforeUnixMs;
                break;
            case ArchivedRole or ArchivedEntityType:
                _layout.Add(row);
                break;
            case ArchivedShard shard:
                _shards.Add(shard.Shard, new InMemoryShard { Fence = shard.Fence, YoungestReplyIssuedAtUnixMs = shard.YoungestReplyIssuedAtUnixMs });
                _shards[shard.Shard].Events.RemovedTo = shard.RemovedTo;
                break;
            case ArchivedEvent e:
                Add(_shards[e.Shard], e.Stored);
                break;
            case ArchivedSnapshot snapshot:
                EntityOf(snapshot.Snapshot.Entity).Snapshot = snapshot.Snapshot;
                break;
            case ArchivedReply reply:
                Add(reply.Reply);
                break;
            case ArchivedTimer timer:
                Change(_shards[timer.Shard], new TimerChange(timer.Timer.Entity, timer.Timer.Name, timer.Timer));
                break;
            case ArchivedAttachment attachment:
                EntityOf(attachment.Entity).Attachments.Add(attachment.Name, attachment.Payload);
                break;
            case ArchivedCursor cursor:
                _cursors.Add(cursor.Key, cursor.Cursor);
                break;
        }
    }

    private static ArchiveRow Copy(ArchiveRow row) => row switch
    {
        ArchivedEvent e => e with { Stored = e.Stored with { Event = e.Stored.Event with { Payload = Copy(e.Stored.Event.Payload) } } },
        ArchivedSnapshot s => s with { Snapshot = s.Snapshot with { Payload = Copy(s.Snapshot.Payload) } },
        ArchivedReply r => new ArchivedReply(r.Reply with { Payload = Copy(r.Reply.Payload) }),
        ArchivedTimer t => t with { Timer = t.Timer with { Payload = Copy(t.Timer.Payload) } },
        ArchivedAttachment a => a with { Payload = Copy(a.Payload) },
        _ => row,
    };
}
