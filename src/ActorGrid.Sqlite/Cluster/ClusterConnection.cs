using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>What the thread of the view and the leases works with: a connection to the file, turns and locks of its own, so that it waits behind nothing that its
/// own process writes or reads.</summary>
internal sealed class ClusterConnection : IDisposable
{
    private readonly Database _database;
    private readonly Presence _presence;
    private readonly TurnTaker _turn;
    private readonly ClusterLoop _loop;

    public ClusterConnection(DatabaseFile file, GridIdentity grid, WorkQueue<ClusterRequest> queue, SqliteStoreOptions options)
    {
        string path = Path.GetFullPath(options.Path);
        _database = file.OpenCluster();
        _presence = new Presence(path);
        _turn = new TurnTaker(path, isUrgent: true, options.BusyTimeout);
        _loop = new ClusterLoop(_database, new ClusterTables(_database, grid, _presence), _turn, queue, path);
    }

    /// <summary>Serves requests until their queue is closed and empty.</summary>
    public void Run() => _loop.Run();

    /// <summary>Closes the connection, and takes its incarnations away.</summary>
    public void Dispose()
    {
        _database.Dispose();
        _presence.Dispose();
        _turn.Dispose();
    }
}
