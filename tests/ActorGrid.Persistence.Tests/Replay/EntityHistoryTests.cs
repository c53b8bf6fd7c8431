using System.Collections.Immutable;

namespace ActorGrid.Persistence.Tests;

public sealed class EntityHistoryTests
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 2);
    private static readonly EntityId A = LedgerRig.A;
    private static readonly EntityType Type = EntityType.Create<Ledger>("ledger", LedgerJson.Default);

    private readonly InMemoryStore _store = new();
    private readonly TappedStore _tap;

    public EntityHistoryTests()
    {
        _tap = new TappedStore(_store);
        _store.OpenAsync(Grid, default).GetAwaiter().GetResult();
    }

    private EntityHistory History => new(_tap, Type, "a") { EventsPerRead = 3 };

    [Fact]
    public async Task The_state_after_each_event_is_what_those_up_to_it_add_up_to()
    {
        Write(7);

        for (int n = 0; n <= 7; n++)
        {
            var past = await History.StateAtAsync<ImmutableArray<int>>(n);
            Assert.Equal(Enumerable.Range(1, n), past.State);
            Assert.Equal((A, (long)n), (past.Entity, past.Sequence));
            Assert.Equal(n == 0 ? (DateTimeOffset?)null : StoredHistory.At(n), past.At);
        }
    }

    [Fact]
    public async Task A_snapshot_is_gone_on_from_unless_it_is_younger()
    {
        Write(7);
        _store.Save(Grid, A, 4, "[100]");

        Assert.Equal([1, 2, 3], await NumbersAt(3));
        Assert.Equal([100], await NumbersAt(4));
        Assert.Equal([100, 5, 6, 7], await NumbersAt(7));
        Assert.Equal([1, 2, 3], await NumbersAt(StoredHistory.At(3)));
        Assert.Equal([100, 5], await NumbersAt(StoredHistory.At(5)));
    }

    [Fact]
    public async Task The_state_at_a_time_is_that_after_the_last_event_until_then()
    {
        Write(5);

        Assert.Equal(3, await SequenceAt(StoredHistory.At(3)));
        Assert.Equal(3, await SequenceAt(StoredHistory.At(4).AddMilliseconds(-1)));
        Assert.Equal(5, await SequenceAt(DateTimeOffset.MaxValue));
        Assert.Equal(0, await SequenceAt(StoredHistory.Start));
        Assert.Equal(0, (await new EntityHistory(_tap, Type, "never").StateAtAsync<ImmutableArray<int>>(StoredHistory.Start)).Sequence);
    }

    [Fact]
    public async Task An_event_that_there_is_not_is_said()
    {
        Write(7);

        var beyond = await Assert.ThrowsAsync<HistoryUnavailableException>(() => NumbersAt(8));
        Assert.Contains("There is no event 8 of ledger/a: its last one is 7.", beyond.Message, StringComparison.Ordinal);
        var never = await Assert.ThrowsAsync<HistoryUnavailableException>(() => new EntityHistory(_tap, Type, "never").StateAtAsync<ImmutableArray<int>>(1));
        Assert.Contains("ledger/never has no events", never.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Where_times_go_back_a_snapshot_makes_no_difference(int snapshot)
    {
        Write(6);
        if (snapshot > 0) _store.Save(Grid, A, snapshot, $"[{string.Join(',', Enumerable.Range(1, snapshot))}]");
        // The third event was decided on a node whose clock was ahead, the fourth on the next.
        long[] minutes = [0, 10, 20, 90, 30, 40, 50];
        _tap.OnPage = page => page with
        {
            Snapshot = page.Snapshot is { } s ? s with { AtUnixMs = At(s.Sequence) } : null,
            Events = [.. page.Events.Select(e => e with { Event = e.Event with { AtUnixMs = At(e.Event.Sequence) } })],
        };

        (int Minute, int Sequence)[] expected = [(9, 0), (10, 1), (25, 2), (30, 4), (45, 5), (50, 6), (89, 6), (100, 6)];
        foreach (var (minute, sequence) in expected) Assert.Equal(Enumerable.Range(1, sequence), await NumbersAt(StoredHistory.Start.AddMinutes(minute)));

        long At(long sequence) => StoredHistory.Start.AddMinutes(minutes[sequence]).ToUnixTimeMilliseconds();
    }

    [Fact]
    public async Task No_more_is_read_than_is_used()
    {
        Write(50);
        int events = 0;
        _tap.OnRead = reads =>
        {
            events += reads.Sum(read => read.EventsMax);
            return null;
        };

        await new EntityHistory(_tap, Type, "a").StateAtAsync<ImmutableArray<int>>(2);
        Assert.Equal(2, events);
        events = 0;
        await new EntityHistory(_tap, Type, "a") { EventsPerRead = 20 }.StateAtAsync<ImmutableArray<int>>(45);
        Assert.Equal(45, events);
    }

    [Fact]
    public async Task A_gap_a_page_without_end_and_a_page_that_is_missing_are_errors_that_name_the_entity()
    {
        Write(9);
        _tap.OnPage = page => page with { Events = [.. page.Events.Where(e => e.Event.Sequence != 5)] };
        Assert.Contains("Event 5 of ledger/a is missing", (await Assert.ThrowsAsync<StoreException>(() => NumbersAt(9))).Message, StringComparison.Ordinal);

        _tap.OnPage = page => page with { Events = [.. page.Events.Where(e => e.Event.Sequence <= 3)], HasMore = true };
        Assert.Contains("Event 4 of ledger/a is missing", (await Assert.ThrowsAsync<StoreException>(() => NumbersAt(9))).Message, StringComparison.Ordinal);
        Assert.Contains("Event 4 of ledger/a is missing", (await Assert.ThrowsAsync<StoreException>(() => NumbersAt(DateTimeOffset.MaxValue))).Message, StringComparison.Ordinal);

        _tap.OnPage = null;
        _tap.LeavesPageOut = true;
        Assert.Contains("ledger/a", (await Assert.ThrowsAsync<StoreException>(() => NumbersAt(9))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_at_fault_is_named_and_the_states_before_it_are_there()
    {
        Write(2);
        _store.Journal.Append(Grid, A, ("unappliable", "{}"), ("added", """{"Number":4}"""));

        Assert.Equal([1, 2], await NumbersAt(2));
        Assert.Equal(3, (await Assert.ThrowsAsync<QuarantinedException>(() => NumbersAt(3))).Sequence);
        Assert.Equal(3, (await Assert.ThrowsAsync<QuarantinedException>(() => NumbersAt(4))).Sequence);
    }

    [Fact]
    public async Task Another_state_than_that_of_the_type_is_refused_by_name()
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => History.StateAtAsync<int>(0));
        Assert.StartsWith($"The state of 'ledger' is {typeof(ImmutableArray<int>)}, not {typeof(int)}: write StateAtAsync<ImmutableArray<int>>(...).", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_entity_is_read_and_its_owner_goes_on()
    {
        var rig = LedgerRig.New();
        for (int i = 1; i <= 5; i++) rig.Result(rig.Add(i));
        var calls = new List<string>();
        var tap = new TappedStore(rig.Store) { OnCall = calls.Add };

        var past = await new EntityHistory(tap, Type, "a").StateAtAsync<ImmutableArray<int>>(3);

        Assert.Equal(Enumerable.Range(1, 3), past.State);
        Assert.Equal([nameof(IEventJournal.ReadEntitiesAsync)], calls.Distinct());
        Assert.Equal(6, rig.Result(rig.Add(6)));
    }

    [Fact]
    public async Task Events_of_older_versions_are_upcast()
    {
        var purse = EntityId.Create("purse", "p");
        _store.Journal.Append(Grid, purse, ("put-in", """{"Amount":1.50}"""), ("put-in@2", """{"Cents":25}"""));

        Assert.Equal(175, (await new EntityHistory(_tap, EntityType.Create<Purse>("purse", PurseJson.Default), "p").StateAtAsync<long>(2)).State);
    }

    private void Write(int count) => _store.Journal.Append(Grid, A, Enumerable.Range(1, count).Select(i => ("added", $$"""{"Number":{{i}}}""")));

    private async Task<IEnumerable<int>> NumbersAt(long sequence) => (await History.StateAtAsync<ImmutableArray<int>>(sequence)).State;

    private async Task<IEnumerable<int>> NumbersAt(DateTimeOffset time) => (await History.StateAtAsync<ImmutableArray<int>>(time)).State;

    private async Task<long> SequenceAt(DateTimeOffset time) => (await History.StateAtAsync<ImmutableArray<int>>(time)).Sequence;
}
