namespace ActorGrid.Persistence.Tests;

public sealed class JournalPreflightTests
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 2);
    private static readonly PreflightOptions SmallReads = new() { EventsPerRead = 4, EntitiesPerRead = 3, ExamplesMax = 2 };

    private readonly InMemoryStore _store = new();
    private readonly TappedStore _tap;

    public JournalPreflightTests()
    {
        _tap = new TappedStore(_store);
        _store.OpenAsync(Grid, default).GetAwaiter().GetResult();
    }

    [Fact]
    public async Task A_sound_journal_passes_and_is_only_read()
    {
        for (int i = 0; i < 10; i++) Write($"e{i}", i + 1);
        _store.Save(Grid, Id("e4"), 3, "[1, 2, 3]");
        _store.Save(Grid, Id("e9"), 10, "[1,2,3,4,5,6,7,8,9,10]");
        var calls = new HashSet<string>();
        _tap.OnCall = call => calls.Add(call);
        var steps = new List<PreflightProgress>();

        var report = await JournalPreflight.RunAsync(_tap, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)], SmallReads, new Steps(steps));

        Assert.Equal(PreflightVerdict.Passed, report.Verdict);
        var type = Assert.Single(report.Types);
        Assert.Equal(("ledger", 10L, 55L, 2L, 0L), (type.Name, type.Entities, type.EventCount, type.SnapshotsCompared, type.SnapshotsNotCompared));
        Assert.Equal(55, type.EventsByManifest["added"]);
        Assert.Empty(type.Findings);
        Assert.Empty(report.UnknownTypes);
        Assert.Equal(
            [
                nameof(IEventJournal.ListEntitiesAsync), nameof(IEventJournal.ListEntityTypesAsync), nameof(IEventJournal.ReadEntitiesAsync), nameof(IEventJournal.ReadFencesAsync),
                nameof(IEventJournal.ReadTimersAsync),
            ],
            calls.Order(StringComparer.Ordinal));
        Assert.Equal(new PreflightProgress("ledger", 10, 55, 0), steps[^1]);
        Assert.Equal(steps.OrderBy(s => s.Events), steps);
    }

    [Fact]
    public async Task No_read_brings_more_than_its_bound()
    {
        for (int i = 0; i < 7; i++) Write($"e{i}", 3);
        Write("long", 50);
        int events = 0, snapshots = 0;
        _tap.OnRead = reads =>
        {
            events = Math.Max(events, reads.Where(read => read.AfterSequence is not null).Sum(read => read.EventsMax));
            snapshots = Math.Max(snapshots, reads.Count);
            return null;
        };

        Assert.Equal(71, Assert.Single((await Run()).Types).EventCount);
        Assert.Equal((4, 3), (events, snapshots));
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_by_name_with_the_first_examples()
    {
        for (int i = 0; i < 3; i++)
        {
            Write($"e{i}", 2);
            _store.Journal.Append(Grid, Id($"e{i}"), ("gone", "{}"), ("added", "nonsense"), ("gone", "{}"));
        }

        var report = await Run();

        Assert.Equal(PreflightVerdict.Failed, report.Verdict);
        var type = Assert.Single(report.Types);
        Assert.Equal(3, type.QuarantinedEntities);
        Assert.Equal([("added", 3L, 3L), ("gone", 6L, 6L)], type.Findings.Select(f => (f.Manifest!, f.Count, f.QuarantineCount)));
        Assert.All(type.Findings, f => Assert.Equal(PreflightFindingKind.UnreadableEvent, f.Kind));
        var gone = type.Findings[1];
        Assert.Equal([(Id("e0"), 3L), (Id("e0"), 5L)], gone.Examples.Select(e => (e.Entity, e.Sequence)));
        Assert.Contains("no event of 'ledger' has the name 'gone'", gone.Examples[0].Cause, StringComparison.Ordinal);
        Assert.Contains("ledger/e0, event 3, quarantined: no event of 'ledger' has the name 'gone'", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Apply_throws_on_is_found_and_a_snapshot_above_it_stands_for_it()
    {
        Write("below", 1);
        _store.Journal.Append(Grid, Id("below"), ("unappliable", "{}"), ("added", """{"Number":3}"""));
        _store.Save(Grid, Id("below"), 3, "[1,3]");

        var report = await Run();

        Assert.Equal(PreflightVerdict.Doubtful, report.Verdict);
        var type = Assert.Single(report.Types);
        Assert.Equal((0L, 0L, 1L), (type.QuarantinedEntities, type.SnapshotsCompared, type.SnapshotsNotCompared));
        var finding = Assert.Single(type.Findings);
        Assert.Equal((PreflightFindingKind.UnappliableEvent, "unappliable", 1L, 0L), (finding.Kind, finding.Manifest!, finding.Count, finding.QuarantineCount));
        Assert.Contains("does not know how to apply Unappliable", Assert.Single(finding.Examples).Cause, StringComparison.Ordinal);

        _store.Journal.Append(Grid, Id("below"), ("unappliable", "{}"));
        Assert.Equal(PreflightVerdict.Failed, (await Run()).Verdict);
    }

    [Fact]
    public async Task A_snapshot_that_says_something_else_than_its_events_is_found()
    {
        Write("e", 5);
        _store.Save(Grid, Id("e"), 3, "[1,2,4]");

        var report = await Run();

        Assert.Equal(PreflightVerdict.Doubtful, report.Verdict);
        var finding = Assert.Single(Assert.Single(report.Types).Findings);
        Assert.Equal((PreflightFindingKind.DifferentState, 1L), (finding.Kind, finding.Count));
        Assert.Null(finding.Manifest);
        Assert.Equal(
            new PreflightExample(Id("e"), 3, "the events add up to [1,2,3], and the snapshot says [1,2,4]", Quarantines: false), Assert.Single(finding.Examples));
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_is_found_and_what_follows_it_is_tried_all_the_same()
    {
        Write("e", 3);
        _store.Save(Grid, Id("e"), 3, """{"not":"a list"}""");
        _store.Journal.Append(Grid, Id("e"), ("unappliable", "{}"));

        var report = await Run();

        Assert.Equal(PreflightVerdict.Failed, report.Verdict);
        var type = Assert.Single(report.Types);
        Assert.Equal((1L, 0L, 1L), (type.QuarantinedEntities, type.SnapshotsCompared, type.SnapshotsNotCompared));
        Assert.Equal([PreflightFindingKind.UnappliableEvent, PreflightFindingKind.UnreadableSnapshot], type.Findings.Select(f => f.Kind));
    }

    [Theory]
    [InlineData(new long[] { 3 }, 0, true)]
    [InlineData(new long[] { 1, 2 }, 0, true)]
    [InlineData(new long[] { 3 }, 4, false)]
    [InlineData(new long[] { 4, 5 }, 4, true)]
    [InlineData(new long[] { 3, 4 }, 4, false)]
    [InlineData(new long[] { 5 }, 3, true)]
    [InlineData(new long[] { 5, 6 }, 6, false)]
    public async Task A_gap_is_found(long[] missing, int snapshot, bool quarantines)
    {
        Write("e", 6);
        if (snapshot > 0) _store.Save(Grid, Id("e"), snapshot, $"[{string.Join(',', Enumerable.Range(1, snapshot))}]");
        _tap.OnPage = page => page with { Events = [.. page.Events.Where(e => !missing.Contains(e.Event.Sequence))] };

        var report = await JournalPreflight.RunAsync(_tap, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)]);

        Assert.Equal(quarantines ? PreflightVerdict.Failed : PreflightVerdict.Doubtful, report.Verdict);
        var finding = Assert.Single(report.Types[0].Findings);
        Assert.Equal((PreflightFindingKind.BrokenHistory, 1L, quarantines ? 1L : 0L), (finding.Kind, finding.Count, finding.QuarantineCount));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_entity_that_the_store_cannot_give_ends_nothing(bool isRecoveryRead)
    {
        for (int i = 0; i < 5; i++) Write($"e{i}", i + 1);
        _store.Save(Grid, Id("e3"), 2, "[1,2]");
        _tap.OnRead = reads => reads.Any(read => read.Entity.Key == "e3" && (read.AfterSequence is null) == isRecoveryRead) ? new StoreException("It is damaged.", isTransient: false) : null;

        var report = await Run();

        Assert.Equal(PreflightVerdict.Failed, report.Verdict);
        var type = Assert.Single(report.Types);
        Assert.Equal((5L, 1L, 11L), (type.Entities, type.QuarantinedEntities, type.EventCount));
        var finding = Assert.Single(type.Findings);
        Assert.Equal(PreflightFindingKind.BrokenHistory, finding.Kind);
        Assert.Equal((Id("e3"), "It is damaged.", true), (finding.Examples[0].Entity, finding.Examples[0].Cause, finding.Examples[0].Quarantines));
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_for_now_ends_it()
    {
        Write("e", 1);
        _tap.OnRead = _ => new StoreException("It is busy.", isTransient: true);

        await Assert.ThrowsAsync<StoreException>(Run);
    }

    [Fact]
    public async Task A_page_that_goes_no_further_is_found_and_not_asked_for_again()
    {
        Write("e", 6);
        _tap.OnPage = page => page with { Events = [.. page.Events.Where(e => e.Event.Sequence <= 3)], HasMore = true };

        var finding = Assert.Single(Assert.Single((await Run()).Types).Findings);

        Assert.Equal(PreflightFindingKind.BrokenHistory, finding.Kind);
        Assert.Contains("Event 4 of ledger/e is missing", Assert.Single(finding.Examples).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_without_an_event_has_not_passed()
    {
        var report = await Run();

        Assert.Equal(PreflightVerdict.Empty, report.Verdict);
        Assert.Contains("is it the one that was meant?", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reminders_whose_commands_cannot_be_read_are_found()
    {
        Write("e", 1);
        _store.Journal.Remind(Grid, Id("e"), "good", 5, "add", """{"Number":1}""");
        _store.Journal.Remind(Grid, Id("e"), "$active", 0, "", "");
        _store.Journal.Remind(Grid, Id("e"), "renamed", 6, "add-up", """{"Number":1}""");
        _store.Journal.Remind(Grid, Id("e"), "unreadable", 7, "add", "nonsense");

        var report = await Run();

        Assert.Equal(PreflightVerdict.Doubtful, report.Verdict);
        var findings = Assert.Single(report.Types).Findings;
        Assert.Equal(
            [(PreflightFindingKind.UnreadableReminder, "add", 1L, 0L), (PreflightFindingKind.UnreadableReminder, "add-up", 1L, 0L)],
            findings.Select(f => (f.Kind, f.Manifest!, f.Count, f.QuarantineCount)));
        Assert.Equal(
            new PreflightExample(Id("e"), 4, "the reminder 'renamed': 'ledger' has no handler of that name: was it renamed?", Quarantines: false), Assert.Single(findings[1].Examples));
    }

    [Theory]
    [InlineData("""{"name":"b","dueUnixMs":6,"setSequence":3},{"name":"a","dueUnixMs":5,"setSequence":2}""", true)]
    [InlineData("""{"name":"a","dueUnixMs":5,"setSequence":2}""", false)]
    [InlineData("""{"name":"a","dueUnixMs":5,"setSequence":2},{"name":"b","dueUnixMs":7,"setSequence":3}""", false)]
    [InlineData("""{"name":"a","dueUnixMs":5,"setSequence":1},{"name":"b","dueUnixMs":6,"setSequence":3}""", false)]
    public async Task A_snapshot_with_other_timers_than_its_events_set_is_found(string timers, bool isSame)
    {
        Write("e", 1);
        _store.Journal.Remind(Grid, Id("e"), "a", 5, "add", """{"Number":1}""");
        _store.Journal.Remind(Grid, Id("e"), "b", 6, "add", """{"Number":1}""");
        _store.Save(Grid, Id("e"), 3, "[1]", $$"""{"version":1,"timers":[{{timers}}]}""");

        var report = await Run();

        Assert.Equal(isSame ? PreflightVerdict.Passed : PreflightVerdict.Doubtful, report.Verdict);
        Assert.Equal(isSame ? [] : [PreflightFindingKind.DifferentState], Assert.Single(report.Types).Findings.Select(f => f.Kind));
    }

    [Fact]
    public async Task Examples_that_quarantine_push_out_the_others()
    {
        foreach (string key in new[] { "e1", "e2", "e3" })
        {
            _store.Journal.Append(Grid, Id(key), ("gone", "{}"));
            if (key == "e1") _store.Save(Grid, Id(key), 1, "[]");
        }

        foreach (int max in new[] { 0, 1, 2, 3 })
        {
            var report = await JournalPreflight.RunAsync(_tap, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)], new PreflightOptions { ExamplesMax = max });
            Assert.Equal(new[] { "e2", "e3", "e1" }.Take(max), report.Types[0].Findings[0].Examples.Select(e => e.Entity.Key));
        }
    }

    [Fact]
    public async Task Entities_of_types_that_were_not_given_are_named()
    {
        Write("e", 1);
        _store.Journal.Append(Grid, EntityId.Create("purse", "p"), ("put-in", "{}"));

        var report = await Run();

        Assert.Equal(PreflightVerdict.Doubtful, report.Verdict);
        Assert.Equal(["purse"], report.UnknownTypes);
    }

    [Fact]
    public async Task It_can_be_ended()
    {
        for (int i = 0; i < 10; i++) Write($"e{i}", 1);
        using var source = new CancellationTokenSource();
        _tap.OnRead = _ =>
        {
            source.Cancel();
            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => JournalPreflight.RunAsync(_tap, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)], SmallReads, cancellationToken: source.Token));
    }

    private static EntityId Id(string key) => EntityId.Create("ledger", key);

    private void Write(string key, int count) =>
        _store.Journal.Append(Grid, Id(key), Enumerable.Range(1, count).Select(i => ("added", $$"""{"Number":{{i}}}""")));

    private Task<PreflightReport> Run() => JournalPreflight.RunAsync(_tap, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)], SmallReads);

    /// <summary>Unlike <see cref="Progress{T}"/>, tells at once.</summary>
    private sealed class Steps(List<PreflightProgress> steps) : IProgress<PreflightProgress>
    {
        public void Report(PreflightProgress value) => steps.Add(value);
    }
}
