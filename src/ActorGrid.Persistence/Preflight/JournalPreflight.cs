namespace ActorGrid.Persistence;

/// <summary>
/// Runs the code of a new version over a journal, before that version is let near it: reads and folds every event of every entity, compares the states with the snapshots, reads
/// the commands of all timers that are set, and reports what does not go well. Nothing is written and no fence is raised, so the grid whose journal it is may go on.
/// </summary>
public static class JournalPreflight
{
    /// <summary>Looks at all entities of some types, and for entities of others.</summary>
    /// <remarks>
    /// <para>In memory at a time are one state, at most 64 snapshots and some 8,300 events, all in full: how many bytes that is, is up to what the entities keep. It runs on the context of
    /// the caller, one entity after the other.</para>
    /// <para>An entity whose history the store cannot give is a finding, and ends nothing.</para>
    /// <para>A state and a snapshot are the same if the codec of the state writes the same bytes of both, or JSON that differs only in the order of properties; or else if the state
    /// implements <see cref="IEquatable{T}"/> and says so. Its timers have to be the same as well.</para>
    /// <para>On a journal that is in use, an entity is seen as it is when its turn comes.</para>
    /// </remarks>
    /// <param name="journal">The journal of a store that is open.</param>
    /// <param name="types">The entity types, as the new version registers them; unique by name.</param>
    /// <param name="options">How it is done; the defaults if null.</param>
    /// <param name="progress">Told after each read how far it has come; nobody if null.</param>
    /// <param name="cancellationToken">Ends it between two reads.</param>
    /// <exception cref="ArgumentException">Two types share a name or a class, or an option is out of range.</exception>
    /// <exception cref="Exception">Whatever the key store of an encrypted type throws. A forgotten entity is no fault.</exception>
    /// <exception cref="StoreException">The store cannot be read for now, or cannot list entities, fences or timers.</exception>
    public static async Task<PreflightReport> RunAsync(
        IEventJournal journal, IEnumerable<EntityType> types, PreflightOptions? options = null, IProgress<PreflightProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(types);
        options ??= new PreflightOptions();
        PreflightOptions.Check(options);
        var known = new EntityTypes(types);
        var run = new PreflightRun(journal, options, progress, cancellationToken);
        var tallies = new Dictionary<string, PreflightTally>(StringComparer.Ordinal);
        foreach (var type in known.All) tallies.Add(type.Name, await run.CheckAsync(type));
        await new ReminderCheck(journal, known, tallies, cancellationToken).RunAsync();
        var stored = await journal.ListEntityTypesAsync(cancellationToken);
        return new PreflightReport([.. known.All.Select(type => tallies[type.Name].ToReport())], [.. stored.Where(name => known.Find(name) is null)]);
    }
}
