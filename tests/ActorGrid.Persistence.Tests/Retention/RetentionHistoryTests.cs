using System.Collections.Immutable;

namespace ActorGrid.Persistence.Tests;

/// <summary>Who reads the past is told what is gone.</summary>
public sealed class RetentionHistoryTests
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 2);
    private static readonly EntityId A = LedgerRig.A;
    private static readonly EntityType Type = EntityType.Create<Ledger>("ledger", LedgerJson.Default);

    private readonly InMemoryStore _store = new();
    private readonly TappedStore _tap;

    public RetentionHistoryTests()
    {
        _tap = new TappedStore(_store);
        _store.OpenAsync(Grid, default).GetAwaiter().GetResult();
        Write(A, 9);
        _store.Save(Grid, A, 6, "[1,2,3,4,5,6]");
        _store.Remove(Grid, A, 3);
    }

    private EntityHistory History => new(_tap, Type, "a") { EventsPerRead = 2 };

    [Fact]
    public async Task States_from_the_snapshot_on_are_told_and_those_below_are_gone()
    {
        for (int n = 6; n <= 9; n++) Assert.Equal(Enumerable.Range(1, n), (await NumbersAt(n)).State);
        Assert.Empty((await NumbersAt(0)).State);
        foreach (int n in new[] { 1, 3, 4, 5 })
        {
            var gone = await Assert.ThrowsAsync<EventsRemovedException>(() => NumbersAt(n));
            Assert.Equal((A, 3L, 6L), (gone.Entity, gone.RemovedTo, gone.EarliestSequence));
            Assert.Contains("up to event 3 were removed", gone.Message, StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<HistoryUnavailableException>(() => NumbersAt(10));
    }

    [Fact]
    public async Task A_time_from_that_of_the_snapshot_on_is_told_and_one_before_is_gone()
    {
        Assert.Equal(7, (await NumbersAt(StoredHistory.At(8).AddMilliseconds(-1))).Sequence);
        Assert.Equal(6, (await NumbersAt(StoredHistory.At(6))).Sequence);
        foreach (int n in new[] { 0, 2, 5 }) await Assert.ThrowsAsync<EventsRemovedException>(() => NumbersAt(StoredHistory.At(n)));
    }

    [Fact]
    public async Task An_inspection_says_up_to_where()
    {
        var inspection = await History.InspectAsync();
        Assert.Null(inspection.Fault);
        Assert.Equal((3L, 9L, 6L), (inspection.RemovedTo, inspection.LastSequence, inspection.Snapshot!.Sequence));
    }

    [Fact]
    public async Task One_that_is_overtaken_goes_on_from_the_newer_snapshot()
    {
        foreach (bool byTime in new[] { false, true })
        {
            var id = EntityId.Create("ledger", byTime ? "b" : "c");
            Write(id, 20);
            int reads = 0;
            _tap.OnRead = _ =>
            {
                if (++reads != 3) return null;
                _store.Save(Grid, id, 15, "[15]");
                _store.Remove(Grid, id, 14);
                return null;
            };
            var history = new EntityHistory(_tap, Type, id.Key) { EventsPerRead = 2 };
            var past = byTime ? await history.StateAtAsync<ImmutableArray<int>>(StoredHistory.At(18)) : await history.StateAtAsync<ImmutableArray<int>>(18);
            Assert.Equal([15, 16, 17, 18], past.State.AsEnumerable());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4096)]
    public async Task A_preflight_begins_with_the_snapshot_and_finds_no_fault_with_that(int eventsPerRead)
    {
        var b = EntityId.Create("ledger", "b");
        Write(b, 4);
        var report = await RunAsync();
        var type = Assert.Single(report.Types);
        Assert.Equal(PreflightVerdict.Passed, report.Verdict);
        Assert.Equal((2L, 1L, 10L, 0L, 1L), (type.Entities, type.ShortenedEntities, type.EventCount, type.SnapshotsCompared, type.SnapshotsNotCompared));
        Assert.Contains("1 begin with a snapshot", report.ToString(), StringComparison.Ordinal);

        // What is left below it is tried, and one that cannot be read quarantines nobody.
        _store.Journal.Append(Grid, b, ("no-such", "{}"), ("added", """{"Number":6}"""), ("added", """{"Number":7}"""));
        _store.Save(Grid, b, 7, "[1]");
        _store.Remove(Grid, b, 2);
        type = Assert.Single((await RunAsync()).Types);
        Assert.Equal((2L, 0L), (type.ShortenedEntities, type.QuarantinedEntities));
        var finding = Assert.Single(type.Findings);
        Assert.Equal((PreflightFindingKind.UnreadableEvent, 1L, 0L), (finding.Kind, finding.Count, finding.QuarantineCount));

        Task<PreflightReport> RunAsync() => JournalPreflight.RunAsync(_tap, [Type], new PreflightOptions { EventsPerRead = eventsPerRead });
    }

    [Fact]
    public async Task A_preflight_that_is_overtaken_by_a_newer_snapshot_begins_with_that()
    {
        var b = EntityId.Create("ledger", "b");
        Write(b, 20);
        bool isDone = false;
        _tap.OnRead = reads =>
        {
            if (isDone || reads[0].Entity != b || reads[0].AfterSequence is not > 4) return null;
            isDone = true;
            _store.Save(Grid, b, 15, $"[{string.Join(',', Enumerable.Range(1, 15))}]");
            _store.Remove(Grid, b, 14);
            return null;
        };
        var report = await JournalPreflight.RunAsync(_tap, [Type], new PreflightOptions { EventsPerRead = 2 });
        Assert.Equal(PreflightVerdict.Passed, report.Verdict);
        Assert.Equal((2L, 2L), (report.Types[0].Entities, report.Types[0].ShortenedEntities));
        Assert.True(isDone);
    }

    [Fact]
    public async Task A_gap_that_no_removal_explains_is_damage()
    {
        _tap.OnPage = static page => page with { Events = [.. page.Events.Where(e => e.Event.Sequence != 7)] };
        await Assert.ThrowsAsync<StoreException>(() => NumbersAt(9));
        _tap.OnPage = static page => page with { RemovedTo = page.Snapshot is null ? page.RemovedTo : 6 };
        await Assert.ThrowsAsync<StoreException>(() => NumbersAt(9));
        _tap.OnPage = static page => page with { Snapshot = null };
        await Assert.ThrowsAsync<StoreException>(() => NumbersAt(9));
    }

    private void Write(EntityId id, int count) => _store.Journal.Append(Grid, id, Enumerable.Range(1, count).Select(i => ("added", $$"""{"Number":{{i}}}""")));

    private Task<PastState<ImmutableArray<int>>> NumbersAt(long sequence) => History.StateAtAsync<ImmutableArray<int>>(sequence);

    private Task<PastState<ImmutableArray<int>>> NumbersAt(DateTimeOffset time) => History.StateAtAsync<ImmutableArray<int>>(time);
}
