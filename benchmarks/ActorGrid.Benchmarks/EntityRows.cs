namespace ActorGrid.Benchmarks;

/// <summary>Entities on SQLite (WAL, synchronous=FULL) or PostgreSQL, through the facade: commands that persist, reads, recovery. Who asks is code on the thread pool.</summary>
internal sealed class EntityRows(Rows rows, string store, Func<int, TallyGrid> start)
{
    private static readonly string Note = new('x', 100);

    public static void RunOnSqlite(Rows rows) => new EntityRows(rows, "SQLite", TallyGrid.OnSqlite).Run();

    public static void RunOnPostgreSql(Rows rows) => RunOnPostgreSqlAsync(rows).GetAwaiter().GetResult();

    private static async Task RunOnPostgreSqlAsync(Rows rows)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        new EntityRows(rows, "PostgreSQL", snapshotEvery => TallyGrid.OnPostgreSql(database, snapshotEvery)).Run();
    }

    private void Run()
    {
        Persist(entities: 1, outstanding: 1, total: 20_000);
        Persist(entities: 1, outstanding: 1_000, total: 200_000);
        Persist(entities: 1_000, outstanding: 1_000, total: 200_000);
        Persist(entities: 1_000, outstanding: 5_000, total: 300_000);
        Read(outstanding: 1, total: 100_000);
        Read(outstanding: 1_000, total: 1_000_000);
        Recover(entities: 1, eventsEach: 500_000);
        Recover(entities: 1_000, eventsEach: 500);
    }

    private void Persist(int entities, int outstanding, int total)
    {
        string name = $"persist on {store}, {entities:N0} {(entities == 1 ? "entity" : "entities")}, {outstanding:N0} outstanding";
        if (!rows.Wants(name)) return;
        using var tallies = start(100);
        rows.Rate(name, "events/s", 1, total, count => AskAll(tallies, entities, outstanding, (int)count).GetAwaiter().GetResult());
    }

    private void Read(int outstanding, int total)
    {
        string name = $"ask an entity on {store} that only answers, {outstanding:N0} outstanding";
        if (!rows.Wants(name)) return;
        using var tallies = start(100);
        rows.Rate(name, "k/s", 1_000, total, count =>
        {
            var loops = Enumerable.Range(0, outstanding).Select(i => Task.Run(async () =>
            {
                var tally = tallies.Grid.Entity<Tally>($"t{i}");
                for (long n = 0; n < count / outstanding; n++) await tally.AskAsync(new GetTotal());
            }));
            Task.WhenAll(loops).GetAwaiter().GetResult();
        });
    }

    /// <summary>From the start of a node over the file until every entity has answered. Snapshots are off, so every event is read and applied.</summary>
    private void Recover(int entities, int eventsEach)
    {
        string name = $"recovery from {store}, {entities:N0} {(entities == 1 ? "entity" : "entities")} of {eventsEach:N0} events";
        if (!rows.Wants(name)) return;
        using var tallies = start(int.MaxValue);
        AskAll(tallies, entities, outstanding: 5_000, entities * eventsEach).GetAwaiter().GetResult();
        rows.Rate(name, "events/s", 1, (long)entities * eventsEach, _ =>
        {
            tallies.Restart();
            var asks = Enumerable.Range(0, entities).Select(i => tallies.Grid.Entity<Tally>($"t{i}").AskAsync(new GetTotal()));
            if (Task.WhenAll(asks).GetAwaiter().GetResult().Sum() != (long)entities * eventsEach) throw new InvalidOperationException("Events are missing.");
        });
    }

    private static Task AskAll(TallyGrid tallies, int entities, int outstanding, int total) =>
        Task.WhenAll(Enumerable.Range(0, outstanding).Select(i => Task.Run(async () =>
        {
            var tally = tallies.Grid.Entity<Tally>($"t{i % entities}");
            for (int n = 0; n < total / outstanding; n++) await tally.AskAsync(new Add(1, Note));
        })));
}
