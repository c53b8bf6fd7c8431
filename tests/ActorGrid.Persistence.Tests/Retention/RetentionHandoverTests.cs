namespace ActorGrid.Persistence.Tests;

public sealed class RetentionHandoverTests
{
    private static readonly EntityId Tap = EntityId.Create("leaky", "tap");

    private readonly ShardRig _rig = new();
    private readonly EntityOptions _options = new() { SnapshotEvery = 2, RemoveEventsAfter = TimeSpan.Zero };

    [Fact]
    public void A_state_that_does_not_come_back_as_it_went_is_not_handed_over_and_the_next_owner_reads_the_events()
    {
        var node = _rig.Start(_options);
        node.Open(1);
        for (int i = 1; i <= 3; i++) Assert.Equal(i, Do(node, new Drip()));
        var states = node.Release();
        Assert.Empty(states.Entities);

        var next = _rig.Start(_options);
        next.Open(2, states);
        Assert.Equal(4, Do(next, new Drip()));
        _rig.Run();
        Assert.Equal(4, Rig.Now(_rig.Journal.ReadEntitiesAsync([new EntityRead(Tap, 0, 10)], default))[0].Events.Count);
    }

    private int Do(ShardRig.Node node, ICommand<Leaky, int> command)
    {
        var ask = new PendingAsk<int>(
            node.System.Deadlines, TimeSpan.FromSeconds(10), default, Tap, ShardRig.Shard, node.Types.Check<Leaky>(Tap, command), command, CommandId.New(_rig.Clock.GetUtcNow(), new Random()))
        {
            Novelty = IdNovelty.JustIssued,
        };
        Assert.True(node.Host.TryAdmit(ShardRig.Shard, ask));
        return node.Result(ask.Task);
    }
}
