using System.Collections.Immutable;
using System.Text;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class RepairTests
{
    private static readonly Repair Ada = new("ada", "The importer wrote rubbish.");

    [Fact]
    public void A_skipped_event_counts_for_nothing_and_stays_as_it_is()
    {
        var rig = Broken([("added", """{"Number":1}"""), ("added", "{oops"), ("added", """{"Number":3}""")]);
        Assert.Equal(2, rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers())).Sequence);

        var receipt = rig.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Skip(2)));

        Assert.Equal((LedgerRig.A, 4L), (receipt.Entity, receipt.Sequence));
        Assert.Equal([1, 3], rig.Numbers());
        Assert.Equal(3, rig.Result(rig.Add(5)));
        rig.Restart();
        Assert.Equal([1, 3, 5], rig.Numbers());
        var history = rig.History("ledger", "a");
        Assert.Equal(["added", "added", "added", "$repair", "added"], history.Select(e => e.Manifest));
        Assert.Equal("{oops", Encoding.UTF8.GetString(history[1].Payload.Span));
        string recorded = Encoding.UTF8.GetString(history[3].Payload.Span);
        Assert.Equal("""{"by":"ada","why":"The importer wrote rubbish.","steps":[{"sequence":2,"act":"skip"}]}""", recorded);
        Assert.Equal(receipt.At.ToUnixTimeMilliseconds(), history[3].AtUnixMs);
    }

    [Fact]
    public void Another_event_counts_in_the_place_of_the_one_at_fault()
    {
        var rig = Broken([("added", """{"Number":1}"""), ("adedd", """{"Number":2}"""), ("added", """{"Number":3}""")]);
        rig.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Replace(2, "added", """{"Number":2}""")));
        Assert.Equal([1, 2, 3], rig.Numbers());
        rig.Restart();
        Assert.Equal([1, 2, 3], rig.Numbers());
    }

    [Fact]
    public void An_event_that_Apply_throws_on_and_a_damaged_event_of_a_timer_can_be_repaired_in_one_act()
    {
        var rig = Broken([("unappliable", "{}"), ("$timer-set", "{oops"), ("added", """{"Number":3}""")]);
        string refusal = rig.Failure<CommandRejectedException>(Repaired(rig, Ada.Skip(1))).Reason;
        Assert.Contains("event 2 is at fault", refusal, StringComparison.Ordinal);
        rig.Result(Repaired(rig, Ada.Skip(1).Skip(2)));
        Assert.Equal([3], rig.Numbers());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_repair_is_found_on_whatever_page_it_lies(int page)
    {
        var rig = Broken(
            [("added", """{"Number":1}"""), ("no-such", "{}"), ("added", """{"Number":3}"""), ("added", """{"Number":4}""")], new EntityHostOptions { RecoveryEventsMax = page });
        rig.Result(Repaired(rig, Ada.Skip(2)));
        for (int i = 5; i < 9; i++) rig.Result(rig.Add(i));
        rig.Restart();
        Assert.Equal([1, 3, 4, 5, 6, 7, 8], rig.Numbers());
    }

    [Fact]
    public void What_the_repair_does_not_mend_is_refused_with_the_reason()
    {
        var rig = Broken([("added", """{"Number":1}"""), ("added", "{oops"), ("added", """{"Number":3}""")]);
        Refused(Ada.Skip(7), "There is no event 7");
        Refused(Ada.Skip(1), "event 2 is at fault");
        Refused(Ada.Replace(2, "no-such", "{}"), "to replace event 2 cannot be read or applied");
        Refused(Ada.Replace(2, "added", "{oops"), "to replace event 2 cannot be read or applied");
        Refused(Ada.Skip(2).IgnoreSnapshot(1), "no snapshot of event 1");
        Assert.Equal(3, rig.History("ledger", "a").Count);
        rig.Result(Repaired(rig, Ada.Skip(2)));
        Refused(Ada.Skip(2), "not quarantined");

        void Refused(Repair repair, string reason) =>
            Assert.Contains(reason, rig.Failure<CommandRejectedException>(Repaired(rig, repair)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_act_without_a_name_a_reason_or_steps_is_no_act()
    {
        Assert.Throws<ArgumentException>(() => new Repair(" ", "why"));
        Assert.Throws<ArgumentException>(() => new Repair("ada", ""));
        Assert.Throws<ArgumentException>(() => new Repair("ada", new string('x', 2001)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ada.Skip(0));
        Assert.Throws<ArgumentException>(() => Ada.Skip(2).Replace(2, "added", "{}"));
        Assert.Throws<ArgumentException>(() => Ada.Replace(2, "$timer-set", "{}"));
        Assert.Contains("no steps", Assert.Throws<ArgumentException>(() => new RepairEntity<Ledger>(Ada)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_that_cannot_be_read_can_be_ignored()
    {
        var rig = LedgerRig.New();
        rig.Journal.Append(rig.Grid, LedgerRig.A, Enumerable.Range(1, 3).Select(i => ("added", $$"""{"Number":{{i}}}""")));
        rig.Tap.Save(rig.Grid, LedgerRig.A, 2, "{oops");
        rig.Restart();
        Assert.Equal(2, rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers())).Sequence);
        string refusal = rig.Failure<CommandRejectedException>(Repaired(rig, Ada.Skip(3))).Reason;
        Assert.Contains("its snapshot of event 2 is at fault", refusal, StringComparison.Ordinal);
        Assert.Contains("not above its snapshot", rig.Failure<CommandRejectedException>(Repaired(rig, Ada.Skip(1))).Reason, StringComparison.Ordinal);

        rig.Result(Repaired(rig, Ada.IgnoreSnapshot(2)));

        Assert.Equal([1, 2, 3], rig.Numbers());
        rig.Restart();
        Assert.Equal([1, 2, 3], rig.Numbers());
    }

    [Fact]
    public void Who_asks_while_the_repair_is_tried_and_written_is_answered_by_the_repaired_entity()
    {
        var rig = Broken([("no-such", "{}")]);
        rig.Store.OnCall = call => call == StoreCall.Read ? CallFault.Hold : CallFault.None;
        rig.Ask("ledger", "a", new GetNumbers());
        rig.Run();
        while (rig.Store.HeldCount > 0) Release();
        var repair = Repaired(rig, Ada.Skip(1));
        rig.Run();
        Assert.Equal(1, rig.Store.HeldCount);
        Task<int> first = rig.Add(1), second = rig.Add(2);
        rig.Run();
        while (rig.Store.HeldCount > 0) Release();

        Assert.Equal((1, 2), (rig.Result(first), rig.Result(second)));
        Assert.Equal(2, rig.Result(repair).Sequence);

        void Release()
        {
            rig.Store.ReleaseNext();
            rig.Run();
        }
    }

    [Fact]
    public void The_same_repair_sent_again_gets_its_first_receipt()
    {
        var rig = Broken([("no-such", "{}")]);
        var options = new AskOptions { CommandId = CommandId.New(rig.Clock.GetUtcNow(), new SeededRandom(1)) };
        Task<RepairReceipt> one = Repaired(rig, Ada.Skip(1), options), two = Repaired(rig, Ada.Skip(1), options);
        Assert.Equal(rig.Result(one), rig.Result(two));
        rig.Restart();
        Assert.Equal(one.Result, rig.Result(Repaired(rig, Ada.Skip(1), options)));
        Assert.Equal(2, rig.History("ledger", "a").Count);
    }

    [Fact]
    public void An_entity_that_is_to_stay_active_is_active_again()
    {
        var rig = LedgerRig.New();
        rig.Do("ledger", "a", new SetActive(true));
        rig.Do("ledger", "a", new AddLater("soon", 7, TimeSpan.FromMinutes(1)));
        rig.Journal.Append(rig.Grid, LedgerRig.A, ("no-such", "{}"));
        rig.Restart();
        rig.Advance(TimeSpan.FromMinutes(2));
        rig.Result(Repaired(rig, Ada.Skip(3)));
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([7], rig.Numbers());
    }

    [Fact]
    public void The_repair_recorded_last_counts_and_counts_though_the_event_could_be_read()
    {
        var rig = LedgerRig.New(host: new EntityHostOptions { RecoveryEventsMax = 2 });
        for (int i = 1; i < 4; i++) rig.Result(rig.Add(i));
        Offline(rig, Ada.Replace(2, "added", """{"Number":20}"""), type: null);
        rig.Restart();
        Assert.Equal([1, 20, 3], rig.Numbers());
        Offline(rig, Ada.Replace(2, "added", """{"Number":200}"""), type: null);
        rig.Restart();
        Assert.Equal([1, 200, 3], rig.Numbers());
        Assert.Equal(4, rig.Result(rig.Add(4)));
    }

    [Fact]
    public void A_damaged_repair_is_at_fault_itself_and_can_be_skipped()
    {
        var rig = Broken([("added", """{"Number":1}"""), ("$repair", "{oops")]);
        Assert.Equal(2, rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers())).Sequence);
        rig.Result(Repaired(rig, Ada.Skip(2)));
        Assert.Equal([1], rig.Numbers());
    }

    [Fact]
    public void A_repair_of_what_was_not_there_yet_says_nothing_of_it()
    {
        var rig = Broken([("added", """{"Number":1}"""), ("$repair", """{"by":"x","why":"y","steps":[{"sequence":3,"act":"skip"}]}"""), ("added", """{"Number":3}""")]);
        Assert.Equal([1, 3], rig.Numbers());
    }

    [Fact]
    public void An_owner_that_was_fenced_cannot_repair()
    {
        var rig = Broken([("no-such", "{}")]);
        rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers()));
        rig.StartRival();
        rig.Failure<OwnershipLostException>(Repaired(rig, Ada.Skip(1)));
        Assert.Single(rig.History("ledger", "a"));
    }

    [Fact]
    public void Without_a_grid_the_shard_is_taken_first_and_the_entity_goes_on_with_the_next()
    {
        var rig = Broken([("added", "{oops"), ("added", """{"Number":2}""")]);
        var type = EntityType.Create<Ledger>("ledger", LedgerJson.Default);
        var refused = Assert.Throws<CommandRejectedException>(() => Offline(rig, Ada.Skip(2), type));
        Assert.Contains("event 1 is at fault", refused.Reason, StringComparison.Ordinal);
        // What was refused disturbs no owner.
        Assert.Equal(1, rig.Do("ledger", "b", new Add(1)));

        Assert.Equal(3, Offline(rig, Ada.Skip(1), type).Sequence);

        Assert.Contains("not quarantined", Assert.Throws<CommandRejectedException>(() => Offline(rig, Ada.Skip(1), type)).Reason, StringComparison.Ordinal);
        rig.Failure<OwnershipLostException>(rig.Add(1));
        rig.Restart();
        Assert.Equal([2], rig.Numbers());
    }

    [Fact]
    public async Task The_past_is_told_with_the_repairs()
    {
        var rig = Broken([("added", """{"Number":1}"""), ("no-such", "{}"), ("added", """{"Number":3}""")]);
        var history = new EntityHistory(rig.Journal, EntityType.Create<Ledger>("ledger", LedgerJson.Default), "a") { EventsPerRead = 2 };
        var inspection = await history.InspectAsync();
        Assert.Equal((2L, false, 3L), (inspection.Fault!.Sequence, inspection.Fault.IsSnapshot, inspection.LastSequence));
        Assert.Equal(["added", "no-such", "added"], inspection.Fault.Events.Select(e => e.Manifest));
        Assert.Contains("no-such", inspection.Fault.Cause, StringComparison.Ordinal);
        await Assert.ThrowsAsync<QuarantinedException>(() => history.StateAtAsync<ImmutableArray<int>>(3));

        rig.Result(Repaired(rig, Ada.Replace(2, "added", """{"Number":2}""")));

        inspection = await history.InspectAsync();
        Assert.Null(inspection.Fault);
        Assert.Equal(("ada", 4L), (Assert.Single(inspection.Repairs).Repair.By, inspection.LastSequence));
        Assert.Equal([1], (await history.StateAtAsync<ImmutableArray<int>>(1)).State.AsEnumerable());
        Assert.Equal([1, 2], (await history.StateAtAsync<ImmutableArray<int>>(2)).State.AsEnumerable());
        Assert.Equal([1, 2, 3], (await history.StateAtAsync<ImmutableArray<int>>(4)).State.AsEnumerable());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(4096)]
    public async Task A_preflight_counts_repaired_entities_as_a_grid_does(int eventsPerRead)
    {
        var rig = LedgerRig.New();
        var numbers = Enumerable.Range(1, 20).Select(i => ("added", i == 7 ? "{oops" : $$"""{"Number":{{i}}}"""));
        foreach (string key in new[] { "a", "b", "c" }) rig.Journal.Append(rig.Grid, EntityId.Create("ledger", key), numbers);
        rig.Tap.Save(rig.Grid, EntityId.Create("ledger", "c"), 10, "{oops");
        rig.Restart();
        Assert.Equal((3L, 4L), await Quarantined());

        rig.Result(Repaired(rig, Ada.Skip(7)));
        Assert.Equal((2L, 3L), await Quarantined());
        rig.Result(rig.Ask("ledger", "c", new RepairEntity<Ledger>(Ada.IgnoreSnapshot(10).Replace(7, "added", """{"Number":7}"""))));

        Assert.Equal((1L, 1L), await Quarantined());
        Assert.Equal(20, rig.Numbers("c").Length);

        async Task<(long, long)> Quarantined()
        {
            var options = new PreflightOptions { EventsPerRead = eventsPerRead, EntitiesPerRead = 2 };
            var report = await JournalPreflight.RunAsync(rig.Journal, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)], options);
            var type = Assert.Single(report.Types);
            Assert.Equal((3L, 60L), (type.Entities, type.EventsByManifest["added"]));
            return (type.QuarantinedEntities, type.Findings.Sum(f => f.Count));
        }
    }

    private static Rig Broken((string Manifest, string Payload)[] events, EntityHostOptions? options = null)
    {
        var rig = LedgerRig.New(host: options);
        rig.Journal.Append(rig.Grid, LedgerRig.A, events);
        rig.Restart();
        return rig;
    }

    private static Task<RepairReceipt> Repaired(Rig rig, Repair repair, AskOptions? options = null) => rig.Ask("ledger", "a", new RepairEntity<Ledger>(repair), options);

    private static RepairReceipt Offline(Rig rig, Repair repair, EntityType? type) => Rig.Now(JournalRepair.RunAsync(
        rig.Journal, ShardId.Of(LedgerRig.A, rig.Grid.ShardCount), type, LedgerRig.A, repair, new Guid("aaaaaaaa-0000-0000-0000-00000000000f"), rig.Clock.GetUtcNow(), default));
}
