namespace ActorGrid.Persistence.Tests;

/// <summary>A preflight says of an entity what becomes of it in a grid.</summary>
public sealed class PreflightProperties
{
    private const int EntityCount = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task It_foretells_which_entities_are_quarantined(int seed)
    {
        var random = new Random(seed);
        var rig = LedgerRig.New();
        for (int i = 0; i < EntityCount; i++) Write(rig, EntityId.Create("ledger", $"e{i}"), random);

        var options = new PreflightOptions { EventsPerRead = random.Next(1, 20), EntitiesPerRead = random.Next(1, 6), ExamplesMax = 1000 };
        var type = Assert.Single((await JournalPreflight.RunAsync(rig.Journal, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)], options)).Types);

        rig.Restart();
        var quarantined = Enumerable.Range(0, EntityCount).Select(i => $"e{i}").Where(key => IsQuarantined(rig, key)).ToHashSet();
        Assert.Equal(quarantined.Count, type.QuarantinedEntities);
        Assert.Equal(quarantined, type.Findings.SelectMany(f => f.Examples).Where(e => e.Quarantines).Select(e => e.Entity.Key).ToHashSet());
        Assert.Equal(EntityCount, type.Entities);
        // What could not be compared has a cause, which is a finding: so a report that passed compared all.
        if (type.Findings.Count == 0) Assert.Equal(0, type.SnapshotsNotCompared);
    }

    private static void Write(Rig rig, EntityId entity, Random random)
    {
        int count = random.Next(1, 12);
        rig.Journal.Append(rig.Grid, entity, Enumerable.Range(1, count).Select(i => random.Next(14) switch
        {
            0 => ("gone", "{}"),
            1 => ("unappliable", "{}"),
            2 => ("added", "nonsense"),
            _ => ("added", $$"""{"Number":{{i}}}"""),
        }));
        if (random.Next(3) > 0) rig.Store.Save(rig.Grid, entity, random.Next(1, count + 1), random.Next(8) == 0 ? "nonsense" : "[1,2]");
    }

    private static bool IsQuarantined(Rig rig, string key)
    {
        var ask = rig.Ask("ledger", key, new GetNumbers());
        rig.Run();
        return ask.Exception?.InnerException is QuarantinedException;
    }
}
