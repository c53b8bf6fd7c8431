using ActorGrid.PostgreSql.Server;

namespace ActorGrid.Failover;

/// <summary>A store as the user named it: <c>sqlite</c>, <c>postgres</c> (a throwaway server) or <c>postgres=CONNECTION</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Connection">The server that is there already; null: one is started.</param>
internal sealed record StoreChoice(StoreKind Kind, string? Connection)
{
    private const string Sqlite = "sqlite", Postgres = "postgres", Given = Postgres + "=";

    /// <summary>As the user may write it; of a connection, which may hold a password, only that it is one.</summary>
    public override string ToString() => Kind == StoreKind.Sqlite ? Sqlite : Connection is null ? Postgres : Given + "...";

    public string Title => Kind == StoreKind.Sqlite ? "SQLite" : "PostgreSQL";

    /// <summary>Why it cannot be used here, or null if it can.</summary>
    public string? WhyNot => Kind == StoreKind.PostgreSql && Connection is null ? PostgresServer.WhyNone : null;

    /// <summary>Reads what the user wrote.</summary>
    /// <returns>Null if it is none of the three.</returns>
    public static StoreChoice? Parse(string text) => text switch
    {
        Sqlite => new StoreChoice(StoreKind.Sqlite, Connection: null),
        Postgres => new StoreChoice(StoreKind.PostgreSql, Connection: null),
        _ when text.StartsWith(Given, StringComparison.Ordinal) && text.Length > Given.Length => new StoreChoice(StoreKind.PostgreSql, text[Given.Length..]),
        _ => null,
    };
}
