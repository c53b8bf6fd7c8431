using ActorGrid;
using ActorGrid.PostgreSql;

namespace SampleNodes;

/// <summary>Where the grid is kept, as <c>--store</c> says it.</summary>
/// <param name="IsPostgreSql">A database of PostgreSQL; otherwise a SQLite file.</param>
/// <param name="Where">The connection string, or the full path of the file; null: the file that the sample takes by itself.</param>
public sealed record StoreChoice(bool IsPostgreSql, string? Where)
{
    private const string Sqlite = "sqlite", PostgreSql = "postgres";

    /// <summary>What <c>--store</c> takes.</summary>
    public const string Syntax = "sqlite[=FILE]|postgres=CONNECTION";

    /// <summary>The store of that text, or null if it names none.</summary>
    public static StoreChoice? Parse(string text)
    {
        string[] parts = text.Split('=', 2);
        return parts switch
        {
            [Sqlite] => new StoreChoice(IsPostgreSql: false, null),
            [Sqlite, { Length: > 0 } file] => new StoreChoice(IsPostgreSql: false, Path.GetFullPath(file)),
            [PostgreSql, { Length: > 0 } connection] => new StoreChoice(IsPostgreSql: true, connection),
            _ => null,
        };
    }

    /// <summary>The same, with the file named if there is none yet.</summary>
    public StoreChoice Or(string file) => Where is null ? this with { Where = file } : this;

    /// <summary>Lets a node use it.</summary>
    /// <param name="grid">The node.</param>
    /// <param name="schema">Whose tables they are, where several samples share a database.</param>
    public GridBuilder Apply(GridBuilder grid, string schema) => IsPostgreSql
        ? grid.UsePostgreSql(Where!, new PostgreSqlStoreOptions { Schema = schema })
        : grid.UseSqlite(Where!);

    /// <summary>As <see cref="Parse"/> takes it.</summary>
    public override string ToString() => (IsPostgreSql ? PostgreSql : Sqlite) + (Where is null ? "" : $"={Where}");
}
