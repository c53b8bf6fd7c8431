using System.Collections.Immutable;
using System.Text;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>What is in memory, when it leaves, and how it comes back.</summary>
public sealed class MemoryTests
{
    private readonly List<(string Key, int Count)> _durable = [];

    [Fact]
    public void An_idle_entity_leaves_memory_and_comes_back()
    {
        var rig = Observed(TimeSpan.FromMinutes(2));
        rig.Result(rig.Add(1));
        rig.Advance(TimeSpan.FromMinutes(1));
        rig.Numbers();
        Assert.Equal([("a", 0), ("a", 1)], _durable);
        rig.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal([1], rig.Numbers());

        Assert.Equal([("a", 0), ("a", 1), ("a", 1)], _durable);
    }

    [Fact]
    public void The_hook_sees_durable_states_only()
    {
        var rig = Observed(TimeSpan.FromMinutes(2));
        rig.Numbers();
        rig.Script(AppendFault.HoldCommit);
        var add = rig.Add(1);
        rig.Run();
        Assert.False(add.IsCompleted);
        Assert.Equal([("a", 0)], _durable);

        rig.Store.ReleaseNext();
        rig.Run();

        Assert.Equal([("a", 0), ("a", 1)], _durable);
    }

    [Fact]
    public void Beyond_the_bound_the_longest_idle_leave_and_nothing_is_lost()
    {
        var rig = LedgerRig.New(host: new EntityHostOptions { EntitiesInMemoryMax = 3 });
        for (int i = 0; i < 50; i++) rig.Do("ledger", $"k{i}", new Add(i));

        for (int i = 0; i < 50; i++) Assert.Equal([i], rig.Numbers($"k{i}"));
    }

    [Fact]
    public void An_active_entity_is_there_after_a_start_and_stays_until_it_rests()
    {
        var rig = Observed(TimeSpan.FromMinutes(1));
        rig.Result(rig.Add(1));
        rig.Do("ledger", "a", new SetActive(true));
        _durable.Clear();
        rig.Restart();
        rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([("a", 1)], _durable);

        rig.Advance(TimeSpan.FromMinutes(10));
        rig.Numbers();
        Assert.Single(_durable);

        rig.Do("ledger", "a", new SetActive(false));
        rig.Restart();
        _durable.Clear();
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_durable);
    }

    [Fact]
    public void A_snapshot_shortens_recovery()
    {
        var rig = LedgerRig.New(new EntityOptions { SnapshotEvery = 10 });
        for (int i = 0; i < 25; i++) rig.Result(rig.Add(i));
        var page = Rig.Now(rig.Journal.ReadEntitiesAsync([new EntityRead(LedgerRig.A, null, 100)], default))[0];

        Assert.Equal(20, page.Snapshot!.Sequence);
        Assert.Equal(5, page.Events.Count);
        rig.Restart();
        Assert.Equal(Enumerable.Range(0, 25), rig.Numbers());
    }

    [Fact]
    public void A_snapshot_that_cannot_be_saved_is_left_out()
    {
        var rig = LedgerRig.New(new EntityOptions { SnapshotEvery = 10 });
        rig.Store.OnCall = call => call == StoreCall.SaveSnapshots ? CallFault.Fail : CallFault.None;
        for (int i = 0; i < 25; i++) rig.Result(rig.Add(i));
        rig.Restart();

        Assert.Equal(25, rig.Numbers().Length);
    }

    [Fact]
    public void A_long_history_is_read_in_pages()
    {
        var rig = LedgerRig.New(new EntityOptions { SnapshotEvery = int.MaxValue }, new EntityHostOptions { RecoveryEventsMax = 7 });
        var adds = Enumerable.Range(0, 100).Select(i => rig.Add(i)).ToList();
        rig.Run();
        rig.Restart();

        Assert.Equal(Enumerable.Range(0, 100), rig.Numbers());
    }

    [Fact]
    public void A_read_that_fails_is_tried_again()
    {
        var rig = LedgerRig.New();
        rig.Result(rig.Add(1));
        rig.Restart();
        int reads = 0;
        rig.Store.OnCall = call => call == StoreCall.Read && ++reads <= 3 ? CallFault.Fail : CallFault.None;
        var numbers = rig.Ask("ledger", "a", new GetNumbers());
        rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1], rig.Result(numbers).AsEnumerable());
    }

    [Theory]
    [InlineData("no-such-event", "{}", "no-such-event")]
    [InlineData("added", "{oops", "added")]
    [InlineData("unappliable", "{}", "Unappliable")]
    public void An_entity_that_cannot_be_recovered_is_quarantined_and_others_are_not(string manifest, string payload, string named)
    {
        var rig = LedgerRig.New();
        var recorded = new AskOptions { CommandId = CommandId.New(rig.Clock.GetUtcNow(), new SeededRandom(1)) };
        rig.Result(rig.Add(1, recorded));
        Inject(rig, new JournalEvent(LedgerRig.A, 2, manifest, 0, Encoding.UTF8.GetBytes(payload)));
        rig.Restart();

        var e = rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers()));

        Assert.Equal(2, e.Sequence);
        Assert.Equal(LedgerRig.A, e.Entity);
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
        rig.Failure<QuarantinedException>(rig.Add(3));
        Assert.Equal(1, rig.Result(rig.Add(1, recorded)));
        for (int i = 0; i < 10; i++) Assert.Equal(1, rig.Do("ledger", $"k{i}", new Add(1)));
        Assert.Equal(2, rig.History("ledger", "a").Count);
    }

    [Fact]
    public void Attachments_come_and_go_with_the_commit()
    {
        var rig = LedgerRig.New();
        rig.Do("ledger", "a", new Attach("part", [1, 2, 3]));
        Assert.Equal(new byte[] { 1, 2, 3 }, Rig.Now(rig.Journal.ReadAttachmentAsync(LedgerRig.A, "part", default))!.Value.ToArray());

        rig.Do("ledger", "a", new Attach("part", null));
        Assert.Null(Rig.Now(rig.Journal.ReadAttachmentAsync(LedgerRig.A, "part", default)));
    }

    private static void Inject(Rig rig, JournalEvent e)
    {
        var shard = ShardId.Of(e.Entity, rig.Grid.ShardCount);
        var fence = Rig.Now(rig.Journal.ReadFencesAsync(default)).Single(f => f.Shard == shard).Fence;
        var raised = Rig.Now(rig.Journal.RaiseFencesAsync([new FenceRaise(shard, fence)], default))[0];
        var outcome = Rig.Now(rig.Journal.AppendAsync([new ShardAppend(shard, fence, raised.LastOffset, [e], [], [], [])], default))[0];
        Assert.Equal(AppendStatus.Committed, outcome.Status);
    }

    private Rig Observed(TimeSpan passivateAfter) => LedgerRig.New(new EntityOptions<ImmutableArray<int>>
    {
        PassivateAfter = passivateAfter,
        OnDurable = (id, state) => _durable.Add((id.Key, state.Length)),
    });
}
