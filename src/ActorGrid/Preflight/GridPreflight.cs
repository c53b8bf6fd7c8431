using ActorGrid.Jobs;
using ActorGrid.Persistence;
using Microsoft.Extensions.Options;

namespace ActorGrid;

/// <summary>Runs the code of a new version over the store of a grid, before a node of it is started: <see cref="JournalPreflight"/> for what a host is set up with.</summary>
public static class GridPreflight
{
    /// <summary>Opens the store that the delegate names, looks at all entities of the types that it adds, and at all jobs, and closes the store. No node is started, no fence raised,
    /// and no event, snapshot or lease is written.</summary>
    /// <remarks>
    /// <para>Opening a store is what it is for a node: it brings the schema up to the version of this ActorGrid, and makes one in a PostgreSQL database that has none; of a SQLite file it
    /// takes the lock, so one that a grid of one process holds cannot be opened beside it, nor the grid started meanwhile. Make the preflight over a copy. A SQLite file that is not there is refused.</para>
    /// <para>Of jobs the histories are read, but not what their types stored in them: jobs, parts, partial results and results.</para>
    /// </remarks>
    /// <param name="configure">What a node of the new version consists of: the delegate that the host gives to <c>AddActorGrid</c>.</param>
    /// <param name="options">How it is done; the defaults if null.</param>
    /// <param name="progress">Told after each read how far it has come; nobody if null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OptionsValidationException">An option of the grid is out of range.</exception>
    /// <exception cref="EntityRegistrationException">A registration is incomplete; the message says what is missing.</exception>
    /// <exception cref="StoreException">The SQLite file does not exist, or the store could not be opened or read.</exception>
    public static async Task<PreflightReport> RunAsync(
        Action<GridBuilder> configure, PreflightOptions? options = null, IProgress<PreflightProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new GridBuilder();
        configure(builder);
        var settings = new GridOptions();
        foreach (var configuration in builder.Configurations) configuration(settings);
        var checkedSettings = new GridOptionsValidator().Validate(name: null, settings);
        if (checkedSettings.Failed) throw new OptionsValidationException(Options.DefaultName, typeof(GridOptions), checkedSettings.Failures);
        if (builder.SqlitePath is { } path && !File.Exists(path))
        {
            throw new StoreException($"'{Path.GetFullPath(path)}' does not exist, so there is no journal to look at. Name the file of the grid, or a copy of it.", isTransient: false);
        }
        await using var store = builder.Store(TimeProvider.System, settings);
        await store.OpenAsync(new GridIdentity(settings.Name, settings.ShardCount), cancellationToken);
        return await JournalPreflight.RunAsync(store.Journal, [.. builder.Entities, JobHost.CreateHistoryType()], options, progress, cancellationToken);
    }
}
