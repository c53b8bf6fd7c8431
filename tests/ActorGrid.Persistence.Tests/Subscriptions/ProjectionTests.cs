namespace ActorGrid.Persistence.Tests;

/// <summary>How a projection is run; what it shares with its cursor is for <c>ProjectionConformance</c>.</summary>
public sealed class ProjectionTests
{
    [Fact]
    public void A_commit_whose_answer_was_lost_is_found_by_its_cursor_and_what_follows_is_projected()
    {
        var given = new List<int>();
        int commits = 0;
        var rig = new Rig(
            [EntityType.Create<Ledger>("ledger", LedgerJson.Default)],
            subscriptions: [new ListedProjection(given, () => _ = ++commits == 2 ? throw new StoreException("The answer was lost.", isTransient: true) : 0)]);
        for (int i = 1; i <= 3; i++)
        {
            rig.Do("ledger", "a", new Add(i));
            rig.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal([1, 2, 3], given);
        Assert.Equal(3, commits);
    }
}
