namespace ActorGrid.Persistence.Tests;

public sealed class CommandIdSourceTests
{
    [Fact]
    public void No_two_ids_of_a_node_are_equal()
    {
        var source = new CommandIdSource(new ActorGrid.Testing.ManualClock(), new SeededRandom(1));
        var ids = Enumerable.Range(0, 100_000).Select(_ => source.Next()).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(id, CommandId.Parse(id.ToString())));
    }
}
