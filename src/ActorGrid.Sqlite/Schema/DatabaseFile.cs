using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Opens the file: looks at it without changing anything first, then makes or migrates the schema.</summary>
internal sealed class DatabaseFile(SqliteStoreOptions options, IReadOnlyList<Migration> migrations)
{
    /// <summary>Marks the file as ActorGrid's in the header of SQLite ("AGRD").</summary>
    public const int ApplicationId = 0x41475244;

    private readonly string _path = Path.GetFullPath(options.Path);
    private readonly int _version = migrations[^1].Version;

    /// <summary>Looks at what is there, and changes nothing.</summary>
    /// <returns>Whether it is to be made.</returns>
    /// <exception cref="StoreException">The file is not one that this grid can work on.</exception>
    public bool Look(GridIdentity grid)
    {
        LibraryVersion.Check(LibraryVersion.Current);
        if (Directory.Exists(_path)) throw Refusal("is a folder. Name a file in it");
        if (options.IsShared && Path.GetDirectoryName(_path) is { } folder && new DriveInfo(folder) is { DriveType: DriveType.Network } drive)
        {
            throw Refusal($"lies on a network drive ({drive.DriveFormat}), over which processes cannot share SQLite's write-ahead log. Move it to a local disk");
        }
        return IsNew(grid);
    }

    /// <summary>Opens the file for writing. In a turn, if it is shared.</summary>
    /// <exception cref="StoreException">The file is not one that this grid can work on; it was not changed.</exception>
    public Database Open(GridIdentity grid, bool isNew)
    {
        var database = Database.Open(_path, readOnly: false, options.BusyTimeout);
        try
        {
            if (database.IsReadOnly) throw Refusal("cannot be written. Give this process the right to write the file");
            if (isNew) database.Execute("PRAGMA page_size = 4096");
            if (database.ReadText("PRAGMA journal_mode = WAL") is not "wal")
            {
                throw Refusal("lies where SQLite's write-ahead log does not work, such as a network drive. Move it to a local disk");
            }
            database.Execute("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF");
            database.Execute(string.Create(
                CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint = {options.CheckpointPages}; PRAGMA journal_size_limit = {64 << 20}"));
            Migrate(database, grid);
            if (options.PagesMax > 0)
            {
                database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {options.PagesMax}"));
            }
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>A connection for the view and the leases. It moves the log to the file only when no bulk writer does.</summary>
    public Database OpenCluster()
    {
        var database = Database.Open(_path, readOnly: false, options.BusyTimeout);
        database.Execute(string.Create(
            CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint = {4 * options.CheckpointPages}; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF"));
        return database;
    }

    /// <summary>A connection that reads beside the writer.</summary>
    public Database OpenReader()
    {
        var database = Database.Open(_path, readOnly: true, options.BusyTimeout);
        database.Execute("PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON");
        return database;
    }

    /// <summary>Looks at what is there through a connection that only reads, so that a file that is not ours stays as it is.</summary>
    private bool IsNew(GridIdentity grid)
    {
        if (!File.Exists(_path)) return true;
        try
        {
            using var database = Database.Open(_path, readOnly: true, options.BusyTimeout);
            return IsNew(database, grid);
        }
        catch (SqliteFault fault) when (fault.ExtendedCode == SQLitePCL.raw.SQLITE_READONLY_ROLLBACK)
        {
            // Whoever made it was killed before it had its write-ahead log. What that one had begun is taken back by the next who may write, and nothing else is changed.
            using var database = Database.Open(_path, readOnly: false, options.BusyTimeout);
            return IsNew(database, grid);
        }
    }

    private bool IsNew(Database database, GridIdentity grid)
    {
        long application = database.ReadNumber("PRAGMA application_id") ?? 0, version = database.ReadNumber("PRAGMA user_version") ?? 0;
        if (application != ApplicationId)
        {
            if (application == 0 && version == 0 && database.ReadNumber("SELECT count(*) FROM sqlite_schema") == 0) return true;
            throw Refusal("is a SQLite database of another application. Name another file");
        }
        if (version > _version
            && (ReadMeta(database, "oldest_reader") is not { } oldest || int.Parse(oldest, CultureInfo.InvariantCulture) > _version))
        {
            throw Refusal(string.Create(
                CultureInfo.InvariantCulture,
                $"has schema version {version}, and this version of ActorGrid knows {_version} at most. Use the newer ActorGrid that wrote it"));
        }
        CheckGrid(database, grid);
        if (options.OpenCheckTime > TimeSpan.Zero) CheckPages(database);
        return false;
    }

    private void CheckGrid(Database database, GridIdentity grid)
    {
        string? name = ReadMeta(database, "grid"), shards = ReadMeta(database, "shards");
        if (!string.Equals(name, grid.Name, StringComparison.Ordinal)
            || !string.Equals(shards, Text(grid.ShardCount), StringComparison.Ordinal))
        {
            throw Refusal(
                $"belongs to the grid '{name}' of {shards} shards, not to {grid}. "
                + "Name another file, or use the name and number of shards that it was made with");
        }
    }

    /// <summary>Looks for damage for a bounded time: a large file is checked as far as the time goes.</summary>
    private void CheckPages(Database database)
    {
        long started = TimeProvider.System.GetTimestamp();
        database.InterruptWhen(() => TimeProvider.System.GetElapsedTime(started) > options.OpenCheckTime);
        try
        {
            if (database.ReadText("PRAGMA quick_check(1)") is { } finding and not "ok")
            {
                throw new SqliteFault(SQLitePCL.raw.SQLITE_CORRUPT, finding);
            }
        }
        catch (SqliteFault fault) when (fault.Code == SQLitePCL.raw.SQLITE_INTERRUPT)
        {
            // What there was time for is sound; damage further on is reported when it is read.
            return;
        }
    }

    private void Migrate(Database database, GridIdentity grid)
    {
        database.Execute("BEGIN IMMEDIATE");
        long version = database.ReadNumber("PRAGMA user_version") ?? 0;
        foreach (var step in migrations.Where(step => step.Version > version))
        {
            database.Execute(step.Sql);
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {step.Version}"));
            WriteMeta(database, "oldest_reader", Text(step.OldestReader));
        }
        if (version == 0)
        {
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
            WriteMeta(database, "grid", grid.Name);
            WriteMeta(database, "shards", Text(grid.ShardCount));
        }
        // Another may have made it after this one looked.
        CheckGrid(database, grid);
        database.Execute("COMMIT");
    }

    private static string? ReadMeta(Database database, string key)
    {
        using var statement = database.Prepare("SELECT value FROM meta WHERE key = ?");
        return statement.Bind(1, key).Step() ? statement.Text(0) : null;
    }

    private static void WriteMeta(Database database, string key, string value)
    {
        using var statement = database.Prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
        statement.Bind(1, key).Bind(2, value).Run();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private StoreException Refusal(string what) => new($"'{_path}' {what}.", isTransient: false);
}
