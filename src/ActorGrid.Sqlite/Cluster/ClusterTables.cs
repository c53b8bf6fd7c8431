using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>The view and the leases, on the thread of the cluster store with a connection of its own. What writes does so within an open transaction.</summary>
internal sealed class ClusterTables
{
    private readonly GridIdentity _grid;
    private readonly Presence _presence;
    private readonly Database _database;
    private readonly Statement _readVersion, _readView, _putView, _addLease, _renew, _findLease, _readLeases, _revoke, _end, _delete;
    private ClusterView _known;

    public ClusterTables(Database database, GridIdentity grid, Presence presence)
    {
        (_database, _grid, _presence, _known) = (database, grid, presence, ClusterView.Empty(grid));
        _readVersion = database.Prepare("SELECT version FROM view");
        _readView = database.Prepare("SELECT version, payload FROM view");
        _putView = database.Prepare("INSERT INTO view VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, payload = excluded.payload");
        _addLease = database.Prepare("INSERT INTO lease VALUES (?, 0, x'', 0, 0) ON CONFLICT DO NOTHING");
        _renew = database.Prepare("UPDATE lease SET number = number + 1, suspects = ?2 WHERE incarnation = ?1 AND revoked = 0 AND ended = 0");
        _findLease = database.Prepare("SELECT number FROM lease WHERE incarnation = ?");
        _readLeases = database.Prepare("SELECT incarnation, number, suspects, revoked, ended FROM lease ORDER BY incarnation");
        _revoke = database.Prepare("UPDATE lease SET revoked = 1 WHERE incarnation = ?");
        _end = database.Prepare("UPDATE lease SET ended = 1 WHERE incarnation = ?");
        _delete = database.Prepare("DELETE FROM lease WHERE incarnation = ?");
    }

    public ClusterView ReadView()
    {
        // A version is written once, so what was decoded for it holds.
        if (ReadVersion() == _known.Version) return _known;
        if (_readView.Step())
        {
            try
            {
                _known = ViewCodec.Decode(_readView.Bytes(1), _grid);
            }
            catch (InvalidDataException e)
            {
                throw new SqliteFault(SQLitePCL.raw.SQLITE_CORRUPT, e.Message);
            }
            finally
            {
                _readView.Reset();
            }
        }
        return _known;
    }

    public bool WriteView(ClusterView next, IReadOnlyList<Revocation> revocations)
    {
        var current = ReadView();
        if (next.Version != current.Version + 1 || !revocations.All(IsAsExpected)) return false;
        next.CheckSuccessorOf(current);
        foreach (var revocation in revocations) _revoke.Bind(1, revocation.Incarnation).Run();
        _putView.Bind(1, next.Version).Bind(2, ViewCodec.Encode(next)).Run();
        Prune(next);
        return true;
    }

    public bool OpenLease(Guid incarnation)
    {
        _presence.Hold(incarnation);
        _addLease.Bind(1, incarnation).Run();
        return true;
    }

    public LeaseRenewal Renew(Guid incarnation, IReadOnlyList<Guid> suspects)
    {
        byte[] bytes = new byte[16 * suspects.Count];
        for (int i = 0; i < suspects.Count; i++) suspects[i].TryWriteBytes(bytes.AsSpan(16 * i), bigEndian: true, out _);
        _renew.Bind(1, incarnation).Bind(2, bytes).Run();
        bool isRenewed = _database.Changes == 1;
        return new LeaseRenewal(NumberOf(incarnation) ?? 0, ReadVersion(), IsRevoked: !isRenewed);
    }

    public bool EndLease(Guid incarnation)
    {
        _end.Bind(1, incarnation).Run();
        return true;
    }

    public IReadOnlyList<LeaseRow> ReadLeases()
    {
        var rows = new List<LeaseRow>();
        try
        {
            while (_readLeases.Step())
            {
                var incarnation = _readLeases.Guid(0);
                var bytes = _readLeases.Bytes(2);
                var suspects = new Guid[bytes.Length / 16];
                for (int i = 0; i < suspects.Length; i++) suspects[i] = new Guid(bytes.Slice(16 * i, 16), bigEndian: true);
                rows.Add(new LeaseRow(
                    incarnation, _readLeases.Number(1), [.. suspects], _readLeases.Number(3) == 1, _readLeases.Number(4) == 1, _presence.IsPresent(incarnation)));
            }
            return rows;
        }
        finally
        {
            _readLeases.Reset();
        }
    }

    /// <summary>Deletes the files of those who have neither a lease nor a process. Within a turn.</summary>
    public bool Sweep()
    {
        _presence.Sweep(ReadLeases().Select(row => row.Incarnation).ToHashSet());
        return true;
    }

    /// <summary>Forgets the leases that nobody can renew and nobody asks about.</summary>
    private void Prune(ClusterView view)
    {
        foreach (var row in ReadLeases())
        {
            if (row is { IsRevoked: false, HasEnded: false, IsPresent: true }) continue;
            if (view.Find(row.Incarnation) is not null || view.Revoked.Any(revoked => revoked.Incarnation == row.Incarnation)) continue;
            _delete.Bind(1, row.Incarnation).Run();
            _presence.Forget(row.Incarnation);
        }
    }

    private bool IsAsExpected(Revocation revocation) => revocation.ExpectedNumber is not { } expected || NumberOf(revocation.Incarnation) == expected;

    private long? NumberOf(Guid incarnation)
    {
        if (!_findLease.Bind(1, incarnation).Step()) return null;
        long number = _findLease.Number(0);
        _findLease.Reset();
        return number;
    }

    private long ReadVersion()
    {
        if (!_readVersion.Step()) return 0;
        long version = _readVersion.Number(0);
        _readVersion.Reset();
        return version;
    }
}
