using System.CommandLine;
using System.CommandLine.Parsing;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql;

namespace ActorGrid.Cli;

/// <summary>Which store a command is about.</summary>
internal sealed class StoreOptions
{
    private readonly Option<string?> _sqlite = new("--sqlite") { Description = "The SQLite file of the grid.", HelpName = "FILE" };

    private readonly Option<string?> _postgres = new("--postgres") { Description = "The connection string of the PostgreSQL database of the grid; $ACTORGRID_POSTGRES keeps a password out of the list of processes.", HelpName = "CONNSTRING" };

    private readonly Option<string> _schema = new("--schema") { Description = "The schema in that database.", HelpName = "NAME", DefaultValueFactory = static _ => new PostgreSqlStoreOptions().Schema };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_sqlite);
        command.Options.Add(_postgres);
        command.Options.Add(_schema);
        command.Validators.Add(RequireOne);
    }

    /// <summary>Opens the store.</summary>
    public Task<OpenedStore> OpenAsync(ParseResult parse, bool toWrite, CancellationToken cancellationToken) => parse.GetValue(_sqlite) is { } file
        ? OpenedStore.OpenSqliteAsync(file, toWrite, cancellationToken)
        : OpenedStore.OpenPostgreSqlAsync(parse.GetValue(_postgres) ?? Given!, parse.GetRequiredValue(_schema), toWrite, cancellationToken);

    /// <summary>Opens the store for a grid that it may not hold yet.</summary>
    public Task<OpenedStore> CreateAsync(ParseResult parse, GridIdentity grid, CancellationToken cancellationToken) => parse.GetValue(_sqlite) is { } file
        ? OpenedStore.CreateSqliteAsync(file, grid, cancellationToken)
        : OpenedStore.CreatePostgreSqlAsync(parse.GetValue(_postgres) ?? Given!, parse.GetRequiredValue(_schema), grid, cancellationToken);

    private static string? Given => Environment.GetEnvironmentVariable("ACTORGRID_POSTGRES") is { Length: > 0 } given ? given : null;

    private void RequireOne(CommandResult command)
    {
        bool isSqlite = command.GetValue(_sqlite) is not null, isPostgres = command.GetValue(_postgres) is not null;
        if (isSqlite && isPostgres) command.AddError("--sqlite and --postgres name two stores: leave one of them out.");
        else if (!isSqlite && !isPostgres && Given is null) command.AddError("No store is named: add --sqlite FILE or --postgres CONNSTRING.");
    }
}
