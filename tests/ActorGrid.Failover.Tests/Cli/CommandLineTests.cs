namespace ActorGrid.Failover.Tests;

public sealed class CommandLineTests
{
    private readonly List<(IReadOnlyList<Scenario> Scenarios, IReadOnlyList<StoreChoice> Stores, RunnerOptions Options)> _measured = [];
    private readonly List<ChaosOptions> _chaos = [];

    [Fact]
    public void Without_options_everything_is_run_on_both_stores()
    {
        Assert.Empty(Run());
        var (scenarios, stores, options) = Assert.Single(_measured);
        Assert.Equal(AllScenarios.All, scenarios);
        Assert.Equal([StoreKind.PostgreSql, StoreKind.Sqlite], stores.Select(s => s.Kind));
        Assert.Equal((3, 1_000, 250.0, 10.0), (options.Nodes, options.Load.Entities, options.Load.Every.TotalMilliseconds, options.Load.Deadline.TotalSeconds));
    }

    [Fact]
    public void Scenarios_and_stores_are_chosen_by_name()
    {
        Assert.Empty(Run("--scenario", "kill", "--scenario", "join", "--store", "postgres=Host=db;Username=me", "--runs", "10"));
        var (scenarios, stores, options) = Assert.Single(_measured);
        Assert.Equal(["kill", "join"], scenarios.Select(s => s.Name));
        Assert.Equal([new StoreChoice(StoreKind.PostgreSql, "Host=db;Username=me")], stores);
        Assert.Equal(10, options.Runs);
    }

    [Theory]
    [InlineData("There is no scenario 'fire'", "--scenario", "fire")]
    [InlineData("--store takes", "--store", "oracle")]
    [InlineData("--store takes", "--store", "postgres=")]
    [InlineData("--nodes takes a number from 2", "--nodes", "1")]
    [InlineData("--every takes", "--every", "often")]
    public void A_mistake_is_named(string error, params string[] args)
    {
        Assert.Contains(error, Run(args), StringComparison.Ordinal);
        Assert.Empty(_measured);
    }

    [Fact]
    public void Chaos_takes_a_seed()
    {
        Assert.Empty(Run("chaos", "--seconds", "20", "--seed", "7"));
        var chaos = Assert.Single(_chaos);
        Assert.Equal((7, 20.0, StoreKind.PostgreSql), (chaos.Seed, chaos.Duration.TotalSeconds, chaos.Stage.Store.Kind));
    }

    [Fact]
    public void What_cannot_be_played_says_why()
    {
        var ofTheServer = AllScenarios.All.Where(s => s.NeedsServer).ToList();
        Assert.Equal(["partition-store", "partition-both", "store-restart"], ofTheServer.Select(s => s.Name));
        Assert.All(ofTheServer, s => Assert.Equal("SQLite has no server", s.WhyNot(new StoreChoice(StoreKind.Sqlite, null))));
        Assert.All(ofTheServer, s => Assert.Contains("given", s.WhyNot(new StoreChoice(StoreKind.PostgreSql, "Host=db")), StringComparison.Ordinal));
        Assert.All(AllScenarios.All.Where(s => s.NeedsNetworks), s => Assert.NotNull(s.WhyNot(new StoreChoice(StoreKind.PostgreSql, "Host=db"))));
    }

    private string Run(params string[] args)
    {
        var line = new CommandLine(
            (scenarios, stores, options, _) =>
            {
                _measured.Add((scenarios, stores, options));
                return Task.FromResult(0);
            },
            options =>
            {
                _chaos.Add(options);
                return Task.FromResult(0);
            },
            (_, _) => Task.CompletedTask);
        var parsed = line.Root.Parse(args);
        if (parsed.Errors.Count == 0) parsed.Invoke();
        return string.Join('\n', parsed.Errors.Select(e => e.Message));
    }
}
