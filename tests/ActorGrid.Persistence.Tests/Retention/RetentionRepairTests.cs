using System.Text;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>Nothing is removed below a snapshot that a repair ignores.</summary>
public sealed class RetentionRepairTests
{
    private static readonly Repair Ada = new("ada", "The snapshot is rubbish.");
    private Rig _rig = new([RetentionTests.TypeOf(TimeSpan.Zero, snapshotEvery: 5)]);
    private readonly List<string> _calls = [];

    [Fact]
    public void What_is_being_removed_of_an_entity_is_shut_out_by_the_fence_before_its_repair_is_tried()
    {
        Fault(StoreCall.RemoveEvents, CallFault.Hold);
        Write(5);

        var repair = QuarantineAndRepair();

        Assert.Equal(6, _rig.Result(repair).Sequence);
        Assert.True(_calls.IndexOf(nameof(IEventJournal.RaiseFencesAsync)) < _calls.IndexOf(nameof(IEventJournal.ReadEntitiesAsync)), string.Join(", ", _calls));
        _rig.Store.ReleaseNext();
        _rig.Run();
        Assert.Equal(0, RetentionTests.RemovedTo(_rig));
        Assert.Equal([1, 2, 3, 4, 5], _rig.Numbers());
    }

    [Fact]
    public void Where_events_were_removed_the_snapshot_cannot_be_ignored_and_whoever_can_read_it_finds_all()
    {
        Write(5);
        Assert.Equal(4, RetentionTests.RemovedTo(_rig));
        string refusal = _rig.Failure<CommandRejectedException>(QuarantineAndRepair()).Reason;
        Assert.Contains("cannot be ignored: the events up to event 4 were removed", refusal, StringComparison.Ordinal);
        _rig.Tap.OnPage = null;
        _rig.Restart();
        Assert.Equal([1, 2, 3, 4, 5], _rig.Numbers());
    }

    [Fact]
    public void A_removal_that_may_land_late_is_shut_out_by_the_fence_before_the_repair_is_tried()
    {
        _rig.Store.OnCall = static call => call == StoreCall.RemoveEvents ? CallFault.Fail : CallFault.None;
        Write(5);
        _rig.Store.OnCall = static _ => CallFault.None;
        var late = new EventRemoval(ShardId.Of(LedgerRig.A, 2), FenceOf(), LedgerRig.A, 5, long.MaxValue, 100);
        // The second call finds a snapshot that is not the one: so nothing was removed, as far as the lane knows.
        _rig.Tap.OnCall = call => _ = call == nameof(IEventJournal.RemoveEventsAsync) ? throw new StoreException("The disk is full.", isTransient: false) : 0;
        _rig.Advance(TimeSpan.FromSeconds(5));

        var repair = QuarantineAndRepair();

        Assert.Equal(6, _rig.Result(repair).Sequence);
        Assert.True(_calls.IndexOf(nameof(IEventJournal.RaiseFencesAsync)) < _calls.IndexOf(nameof(IEventJournal.ReadEntitiesAsync)), string.Join(", ", _calls));
        Assert.Contains(nameof(IEventJournal.RaiseFencesAsync), _calls);
        Assert.Equal(RemovalStatus.Fenced, Rig.Now(_rig.Journal.RemoveEventsAsync([late], [], default))[0].Status);
        Assert.Equal([1, 2, 3, 4, 5], _rig.Numbers());
        Assert.Equal(0, RetentionTests.RemovedTo(_rig));
    }

    [Fact]
    public void However_busy_its_shard_is_a_repair_gets_its_fence_between_two_appends()
    {
        _rig.Store.OnCall = static call => call == StoreCall.RemoveEvents ? CallFault.Fail : CallFault.None;
        Write(5);
        _rig.Store.OnCall = static _ => CallFault.None;
        _rig.Tap.OnCall = call => _ = call == nameof(IEventJournal.RemoveEventsAsync) ? throw new StoreException("The disk is full.", isTransient: false) : 0;
        _rig.Advance(TimeSpan.FromSeconds(5));
        Passivate();
        string neighbour = Enumerable.Range(0, 100).Select(i => $"n{i}").First(key => ShardId.Of(EntityId.Create("ledger", key), 2) == ShardId.Of(LedgerRig.A, 2));
        _rig.Store.OnAppend = static _ => AppendFault.HoldCommit;
        var first = _rig.Ask("ledger", neighbour, new Add(1));
        _rig.Run();
        var repair = Repair();
        var second = _rig.Ask("ledger", neighbour, new Add(2));
        _rig.Run();
        Assert.Equal(1, _rig.Store.HeldCount);
        _rig.Store.OnAppend = static _ => AppendFault.None;
        _rig.Store.ReleaseNext();
        _rig.Run();
        Assert.Equal(6, _rig.Result(repair).Sequence);
        Assert.Equal(1, _rig.Result(first));
        Assert.Equal(2, _rig.Result(second));
        _calls.RemoveAll(static call => call is not (nameof(IEventJournal.RaiseFencesAsync) or nameof(IEventJournal.AppendAsync)));
        Assert.Equal(nameof(IEventJournal.RaiseFencesAsync), _calls[0]);
    }

    [Fact]
    public void While_a_repair_is_tried_nothing_is_asked_for_and_what_was_saved_for_the_entity_before_counts_for_nothing()
    {
        // Nothing is old enough while this takes place.
        _rig = new Rig([RetentionTests.TypeOf(TimeSpan.FromHours(1), snapshotEvery: 5)]);
        Write(5);
        // A snapshot that is late.
        Fault(StoreCall.SaveSnapshots, CallFault.Hold);
        for (int i = 6; i <= 10; i++) _rig.Result(_rig.Add(i));
        Assert.Equal(1, _rig.Store.HeldCount);
        Passivate();
        var repair = Repair();
        Assert.Equal(11, _rig.Result(repair).Sequence);
        _calls.Clear();
        _rig.Store.OnCall = static _ => CallFault.None;
        _rig.Store.ReleaseNext();
        _rig.Run();
        Assert.DoesNotContain(nameof(IEventJournal.RemoveEventsAsync), _calls);
        Assert.Equal(Enumerable.Range(1, 10), _rig.Numbers());
        Assert.Equal(11, _rig.History("ledger", "a").Count);
    }

    [Fact]
    public void A_snapshot_above_the_repair_lets_everything_below_it_go()
    {
        Fault(StoreCall.RemoveEvents, CallFault.Fail);
        Write(5);
        _rig.Restart();
        Assert.Equal(6, _rig.Result(QuarantineAndRepair()).Sequence);
        _rig.Tap.OnPage = null;
        _rig.Result(_rig.Add(6));
        _rig.Run();
        Assert.Equal(6, RetentionTests.RemovedTo(_rig));
        _rig.Restart();
        Assert.Equal([1, 2, 3, 4, 5, 6], _rig.Numbers());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_grid_a_snapshot_below_which_events_were_removed_cannot_be_ignored_either(bool isChecked)
    {
        Write(5);
        Assert.Equal(4, RetentionTests.RemovedTo(_rig));
        _rig.Tap.OnPage = Spoil;
        var type = isChecked ? RetentionTests.TypeOf(null, 5) : null;
        var shard = ShardId.Of(LedgerRig.A, _rig.Grid.ShardCount);
        var refused = Assert.Throws<CommandRejectedException>(() => Rig.Now(JournalRepair.RunAsync(
            _rig.Tap, shard, type, LedgerRig.A, Ada.IgnoreSnapshot(5), new Guid("aaaaaaaa-0000-0000-0000-00000000000f"), _rig.Clock.GetUtcNow(), default)));
        Assert.Contains("cannot be ignored", refused.Reason, StringComparison.Ordinal);
    }

    private Fence FenceOf() => Rig.Now(_rig.Journal.ReadFencesAsync(default)).First(row => row.Shard == ShardId.Of(LedgerRig.A, 2)).Fence;

    private void Fault(StoreCall what, CallFault fault) => _rig.Store.OnCall = call => call == what ? fault : CallFault.None;

    private void Write(int count)
    {
        for (int i = 1; i <= count; i++) _rig.Result(_rig.Add(i));
        _rig.Run();
    }

    private Task<RepairReceipt> QuarantineAndRepair()
    {
        Passivate();
        return Repair();
    }

    private void Passivate()
    {
        _rig.Advance(TimeSpan.FromMinutes(5));
        _rig.Tap.OnPage = Spoil;
        Assert.Equal(5, _rig.Failure<QuarantinedException>(_rig.Ask("ledger", "a", new GetNumbers())).Sequence);
    }

    private Task<RepairReceipt> Repair()
    {
        _rig.Tap.OnCall = _calls.Add;
        var repair = _rig.Ask("ledger", "a", new RepairEntity<Ledger>(Ada.IgnoreSnapshot(5)));
        _rig.Run();
        return repair;
    }

    private static EntityPage Spoil(EntityPage page) =>
        page.Snapshot is { Sequence: 5 } snapshot ? page with { Snapshot = snapshot with { Payload = Encoding.UTF8.GetBytes("{oops") } } : page;
}
