using System.Diagnostics.Metrics;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class RetentionTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Events_below_a_snapshot_go_once_they_are_old_enough()
    {
        var rig = New(Hour, snapshotEvery: 5);
        rig.Clock.Advance(Hour);
        Add(rig, 1, 5);
        Assert.Equal(0, RemovedTo(rig));
        rig.Clock.Advance(Hour);
        Add(rig, 6, 5);
        // The other events below the snapshot of event 10 are young.
        Assert.Equal(5, RemovedTo(rig));
        rig.Restart();
        Assert.Equal(Enumerable.Range(1, 10), rig.Numbers());
        Assert.Equal(5, RemovedTo(rig));

        rig.Clock.Advance(Hour);
        rig.Restart();
        Assert.Equal(5, RemovedTo(rig));
        // After a recovery from it.
        Assert.Equal(Enumerable.Range(1, 10), rig.Numbers());
        Assert.Equal(9, RemovedTo(rig));
        Add(rig, 11, 1);
        rig.Restart();
        Assert.Equal(Enumerable.Range(1, 11), rig.Numbers());
        Assert.Equal([10, 11], rig.History("ledger", "a").Select(e => e.Sequence));
    }

    [Fact]
    public void By_default_nothing_is_ever_removed()
    {
        var rig = New(null, snapshotEvery: 2);
        bool isAsked = false;
        rig.Tap.OnCall = call => isAsked |= call == nameof(IEventJournal.RemoveEventsAsync);
        Add(rig, 1, 10);
        rig.Clock.Advance(TimeSpan.FromDays(10_000));
        rig.Restart();
        Assert.Equal(Enumerable.Range(1, 10), rig.Numbers());
        Assert.Equal(10, rig.History("ledger", "a").Count);
        Assert.False(isAsked);
    }

    [Fact]
    public void With_an_age_of_zero_they_go_at_once_and_the_longest_age_is_never_reached()
    {
        var rig = New(TimeSpan.Zero, snapshotEvery: 3);
        Add(rig, 1, 7);
        Assert.Equal(5, RemovedTo(rig));
        rig.RestartWith([TypeOf(TimeSpan.MaxValue, 3)]);
        Add(rig, 8, 7);
        Assert.Equal(5, RemovedTo(rig));
        Assert.Equal(Enumerable.Range(1, 14), rig.Numbers());
    }

    [Fact]
    public void A_negative_age_is_refused_by_name() =>
        Assert.Contains(nameof(EntityOptions.RemoveEventsAfter), Assert.Throws<ArgumentException>(() => TypeOf(TimeSpan.FromTicks(-1), 5)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_history_goes_in_steps()
    {
        var rig = New(TimeSpan.Zero, snapshotEvery: 100);
        rig.Journal.Append(rig.Grid, LedgerRig.A, Enumerable.Range(1, 2000).Select(i => ("added", $$"""{"Number":{{i}}}""")));
        rig.Tap.Save(rig.Grid, LedgerRig.A, 1900, $"[{string.Join(',', Enumerable.Range(1, 1900))}]");
        rig.Clock.Advance(TimeSpan.FromDays(10_000));
        rig.Restart();
        int calls = 0;
        rig.Tap.OnCall = call => calls += call == nameof(IEventJournal.RemoveEventsAsync) ? 1 : 0;
        Assert.Equal(Enumerable.Range(1, 2000), rig.Numbers());
        rig.Run();
        Assert.Equal((1899, 4), (RemovedTo(rig), calls));
    }

    [Fact]
    public void A_snapshot_that_does_not_come_back_as_it_went_is_not_saved_and_nothing_goes()
    {
        long mismatches = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "actorgrid.entity.snapshot_mismatches") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags.ToArray().Any(tag => Equals(tag.Value, "leaky-of-this-test"))) mismatches += count;
        });
        listener.Start();
        var type = EntityType.Create<Leaky>("leaky-of-this-test", LeakyJson.Default, new EntityOptions { SnapshotEvery = 2, RemoveEventsAfter = TimeSpan.Zero });
        var rig = new Rig([type]);
        for (int i = 1; i <= 6; i++) Assert.Equal(i, rig.Do("leaky-of-this-test", "a", new Drip()));
        rig.Run();
        Assert.Equal(6, rig.History("leaky-of-this-test", "a").Count);
        Assert.Equal(3, mismatches);
        rig.Restart();
        // From the events, which are all there.
        Assert.Equal(6, rig.Do("leaky-of-this-test", "a", new GetDrops()));
        Assert.Equal(6, rig.History("leaky-of-this-test", "a").Count);
    }

    [Fact]
    public void A_snapshot_that_nobody_has_compared_is_not_relied_on_at_a_recovery()
    {
        static EntityType TypeOf(TimeSpan? after) => EntityType.Create<Leaky>("leaky", LeakyJson.Default, new EntityOptions { SnapshotEvery = 2, RemoveEventsAfter = after });
        var rig = new Rig([TypeOf(null)]);
        for (int i = 1; i <= 4; i++) rig.Do("leaky", "a", new Drip());
        rig.Run();
        rig.RestartWith([TypeOf(TimeSpan.Zero)]);
        rig.Do("leaky", "a", new GetDrops());
        rig.Run();
        Assert.Equal(4, rig.History("leaky", "a").Count);
    }

    [Fact]
    public void A_store_that_fails_is_asked_again()
    {
        var rig = New(TimeSpan.Zero, snapshotEvery: 5);
        rig.Store.OnCall = static call => call == StoreCall.RemoveEvents ? CallFault.Fail : CallFault.None;
        Add(rig, 1, 5);
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, RemovedTo(rig));
        Assert.Equal(6, rig.Result(rig.Add(6)));
        rig.Store.OnCall = static _ => CallFault.None;
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(4, RemovedTo(rig));
    }

    [Fact]
    public void An_owner_that_was_superseded_removes_nothing()
    {
        var rig = New(TimeSpan.Zero, snapshotEvery: 5);
        rig.Store.OnCall = static call => call == StoreCall.RemoveEvents ? CallFault.Hold : CallFault.None;
        Add(rig, 1, 5);
        rig.StartRival();
        rig.Store.ReleaseNext();
        rig.Run();
        Assert.Equal(0, RemovedTo(rig));
    }

    [Fact]
    public void Commands_are_known_by_their_ids_and_reminders_fire_though_their_events_are_gone()
    {
        var rig = New(TimeSpan.Zero, snapshotEvery: 2);
        var options = new AskOptions { CommandId = CommandId.New(rig.Clock.GetUtcNow(), new SeededRandom(1)) };
        Assert.Equal(1, rig.Result(rig.Add(1, options)));
        rig.Do("ledger", "a", new AddLater("soon", 100, TimeSpan.FromMinutes(1)));
        Add(rig, 2, 6);
        Assert.InRange(RemovedTo(rig), 3, 8);
        rig.Restart();
        Assert.Equal(1, rig.Result(rig.Add(1, options)));
        rig.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 100], rig.Numbers());
    }

    [Fact]
    public void A_recovery_that_is_overtaken_begins_anew_from_the_newer_snapshot()
    {
        var rig = New(null, snapshotEvery: 100, new EntityHostOptions { RecoveryEventsMax = 2 });
        rig.Journal.Append(rig.Grid, LedgerRig.A, Enumerable.Range(1, 10).Select(i => ("added", $$"""{"Number":{{i}}}""")));
        rig.Restart();
        int reads = 0;
        rig.Tap.OnRead = _ =>
        {
            // The snapshot was on its way when the entity left memory.
            if (++reads != 2) return null;
            rig.Tap.Save(rig.Grid, LedgerRig.A, 8, "[1,2,3,4,5,6,7,8]", epoch: new Epoch(1, 0));
            rig.Tap.Remove(rig.Grid, LedgerRig.A, 7);
            return null;
        };
        Assert.Equal(Enumerable.Range(1, 10), rig.Numbers());
        Assert.Equal(11, rig.Result(rig.Add(11)));
    }

    internal static EntityType TypeOf(TimeSpan? after, int snapshotEvery) =>
        EntityType.Create<Ledger>("ledger", LedgerJson.Default, new EntityOptions { SnapshotEvery = snapshotEvery, RemoveEventsAfter = after });

    internal static long RemovedTo(Rig rig) => Rig.Now(rig.Journal.ReadEntitiesAsync([new EntityRead(LedgerRig.A, null, 1)], default))[0].RemovedTo;

    private static Rig New(TimeSpan? after, int snapshotEvery, EntityHostOptions? host = null) => new([TypeOf(after, snapshotEvery)], host);

    private static void Add(Rig rig, int first, int count)
    {
        for (int i = first; i < first + count; i++) rig.Result(rig.Add(i));
        rig.Run();
    }
}
