using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>An entity as the writer knows it.</summary>
/// <param name="id">The number that stands for its address in all tables.</param>
internal sealed class EntityRow(long id)
{
    public long Id { get; } = id;

    /// <summary>The sequence number of its last event, the transaction in hand included.</summary>
    public long LastSequence { get; set; }

    /// <summary>Whether its row says that it has events, which makes it one of those that are listed.</summary>
    public bool IsListed { get; set; }
}

/// <summary>The numbers of entities, and a bounded memory of those written lately, which saves the look-up of number and last event.</summary>
/// <remarks>
/// The memory has two halves: when the young one is full it becomes the old one, and what is not used again goes with the old one.
/// That is done between transactions only, because what a transaction has added to an entity stands here alone until it is committed.
/// <para>Where other processes write too, numbers of entities hold for ever, since rows are never deleted or numbered anew. The last event of an entity is the greater
/// of what is remembered and what the runs in memory say, which hold all events that have not gone to the tables; so what is remembered is forgotten
/// whenever some have gone.</para>
/// </remarks>
internal sealed class EntityTable(Database database, RunIndex pending, bool isShared)
{
    private const int HalfMax = 50_000;

    private readonly Statement _find = database.Prepare("SELECT id FROM entity WHERE type = ? AND key = ?");
    private readonly Statement _add = database.Prepare("INSERT INTO entity (type, key, has_events) VALUES (?, ?, ?)");
    private readonly Statement _mark = database.Prepare("UPDATE entity SET has_events = 1 WHERE id = ?");
    private readonly Statement _last = database.Prepare("SELECT first + count - 1 FROM entity_run WHERE entity = ? ORDER BY first DESC LIMIT 1");
    private Dictionary<EntityId, EntityRow> _young = [], _old = [];

    /// <summary>The entity, or null if nothing was ever written of it.</summary>
    public EntityRow? Find(EntityId entity)
    {
        var row = Recall(entity);
        if (isShared && row is not null && pending.LastOf(row.Id) is var last && last > row.LastSequence)
        {
            row.LastSequence = last;
            row.IsListed = true;
        }
        return row;
    }

    private EntityRow? Recall(EntityId entity)
    {
        if (_young.TryGetValue(entity, out var row)) return row;
        if (!_old.TryGetValue(entity, out row))
        {
            if (!_find.Bind(1, entity.Type).Bind(2, entity.Key).Step()) return null;
            row = new EntityRow(_find.Number(0));
            _find.Reset();
            row.LastSequence = ReadLastSequence(row.Id);
            row.IsListed = row.LastSequence > 0;
        }
        _young.Add(entity, row);
        return row;
    }

    /// <summary>The entity, added if nothing was ever written of it.</summary>
    /// <param name="entity">Its address.</param>
    /// <param name="isListed">Whether it is about to have events.</param>
    public EntityRow FindOrAdd(EntityId entity, bool isListed = false)
    {
        var row = Find(entity);
        if (row is null)
        {
            _add.Bind(1, entity.Type).Bind(2, entity.Key).Bind(3, isListed ? 1 : 0).Run();
            row = new EntityRow(database.LastInsertRowId) { IsListed = isListed };
            _young.Add(entity, row);
        }
        else if (isListed && !row.IsListed)
        {
            _mark.Bind(1, row.Id).Run();
            row.IsListed = true;
        }
        return row;
    }

    /// <summary>Makes room. To be called between transactions.</summary>
    public void Trim()
    {
        if (_young.Count < HalfMax) return;
        (_old, _young) = (_young, _old);
        _young.Clear();
    }

    /// <summary>Forgets all, because a transaction that changed it was rolled back.</summary>
    public void Clear()
    {
        _young.Clear();
        _old.Clear();
    }

    private long ReadLastSequence(long id)
    {
        if (pending.LastOf(id) is > 0 and var last) return last;
        if (!_last.Bind(1, id).Step()) return 0;
        last = _last.Number(0);
        _last.Reset();
        return last;
    }
}
