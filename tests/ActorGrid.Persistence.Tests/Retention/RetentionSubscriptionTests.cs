using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>What a subscription is not done with stays; one that comes later begins with what is left.</summary>
public sealed class RetentionSubscriptionTests
{
    private readonly List<int> _given = [];
    private bool _isStuck;

    [Fact]
    public void Events_wait_for_a_subscription_that_is_behind()
    {
        _isStuck = true;
        var rig = new Rig([RetentionTests.TypeOf(TimeSpan.Zero, snapshotEvery: 5)], subscriptions: [New("numbers")]);
        Add(rig, 1, 10);
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, RetentionTests.RemovedTo(rig));
        _isStuck = false;
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Enumerable.Range(1, 10), _given.Distinct());
        Add(rig, 11, 5);
        // It has stored that it is done with the first ten.
        Assert.InRange(RetentionTests.RemovedTo(rig), 10, 14);
        rig.Advance(TimeSpan.FromSeconds(2));
        Add(rig, 16, 5);
        Assert.InRange(RetentionTests.RemovedTo(rig), 15, 19);
        Assert.Equal(Enumerable.Range(1, 20), _given.Distinct());
    }

    [Fact]
    public void Events_wait_for_a_subscription_that_has_stored_nothing_yet()
    {
        var rig = new Rig([RetentionTests.TypeOf(TimeSpan.Zero, snapshotEvery: 5)], subscriptions: [New("numbers")]);
        rig.Store.OnCall = static call => call == StoreCall.MoveCursors ? CallFault.Fail : CallFault.None;
        Add(rig, 1, 10);
        Assert.Equal(0, RetentionTests.RemovedTo(rig));
        Assert.Empty(_given);
        rig.Store.OnCall = static _ => CallFault.None;
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Enumerable.Range(1, 10), _given);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(2500)]
    public void One_that_comes_later_begins_with_what_is_left_in_order(int count)
    {
        var rig = new Rig([RetentionTests.TypeOf(TimeSpan.Zero, snapshotEvery: 1000)]);
        rig.Result(rig.Add(0));
        rig.Journal.Append(rig.Grid, LedgerRig.A, Enumerable.Range(1, count).Select(i => ("added", $$"""{"Number":{{i}}}""")));
        rig.Tap.Save(rig.Grid, LedgerRig.A, count - 5, "[]");
        rig.Tap.Remove(rig.Grid, LedgerRig.A, count - 6);
        rig.RestartWith([RetentionTests.TypeOf(null, snapshotEvery: 1000)], [New("numbers")]);
        rig.Run();
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Enumerable.Range(count - 6, 7), _given);
        rig.Result(rig.Add(-1 + 10_000));
        rig.Run();
        Assert.Equal(10_000 - 1, _given[^1]);
        rig.Advance(TimeSpan.FromSeconds(5));
        var shard = ShardId.Of(LedgerRig.A, rig.Grid.ShardCount);
        Assert.Equal(count + 2, Rig.Now(rig.Tap.Cursors.ReadAsync([new CursorKey("numbers", shard)], default))[0].Offset);
    }

    [Fact]
    public void A_gap_that_no_removal_explains_is_not_passed_over()
    {
        var rig = new Rig([RetentionTests.TypeOf(null, snapshotEvery: 1000)], subscriptions: [New("numbers")]);
        rig.Tap.OnShardPage = static page => page with { Events = [.. page.Events.Where(e => e.Offset != 3)], RemovedTo = 2 };
        for (int i = 1; i <= 5; i++) _ = rig.Add(i);
        rig.Run();
        rig.Advance(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(4, _given);
        rig.Tap.OnShardPage = null;
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Enumerable.Range(1, 5), _given.Distinct());
    }

    private Subscription New(string name) => Subscription.Create<Ledger, LedgerEvent>(name, (e, token) =>
    {
        if (_isStuck) throw new InvalidOperationException("Not now.");
        _given.Add(((Added)e.Event).Number);
        return Task.CompletedTask;
    });

    private static void Add(Rig rig, int first, int count)
    {
        for (int i = first; i < first + count; i++) rig.Result(rig.Add(i));
        rig.Run();
    }
}
