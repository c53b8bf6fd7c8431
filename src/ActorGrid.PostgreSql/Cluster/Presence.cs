namespace ActorGrid.PostgreSql;

/// <summary>How a session says that it is there: by a lock that it shares with nobody who would wait for it, and that the server drops with the session.</summary>
internal static class Presence
{
    public const string Hold = "SELECT pg_advisory_lock_shared($1)";

    public const string LetGo = "SELECT pg_advisory_unlock_shared($1)";

    /// <summary>The lock's number, of a row <c>k</c> of pg_locks, which shows it in two halves.</summary>
    public const string Key = "(k.classid::bigint << 32) | k.objid::bigint";

    public const string IsHeld =
        "k.locktype = 'advisory' AND k.objsubid = 1 AND k.granted AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    /// <summary>The number for an incarnation, which other grids of the database do not use.</summary>
    public static long KeyOf(string schema, Guid incarnation) => StableKey.Of($"presence/{schema}/{incarnation:N}");
}
