using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>One entity whose history is damaged in the file is told of in the report, and costs the others nothing.</summary>
public sealed partial class DamagedHistoryTests : IAsyncLifetime
{
    private const int EventCount = 7;

    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Theory]
    [InlineData("DELETE FROM event", 3, 0, 1, 1)]
    [InlineData("DELETE FROM event", 1, 0, 1, 1)]
    [InlineData("DELETE FROM event", EventCount, 0, 1, 1)]
    [InlineData("UPDATE event SET sequence = 77", 3, 0, 1, 1)]
    [InlineData("DELETE FROM event", 3, 4, 1, 0)]
    [InlineData("DELETE FROM event", 4, 4, 1, 0)]
    [InlineData("DELETE FROM event", 5, 4, 1, 1)]
    [InlineData("DELETE FROM event", 6, 4, 1, 1)]
    public async Task It_is_found_and_judged_by_what_a_recovery_would_read(string damage, int sequence, int snapshot, int count, int quarantines)
    {
        await using var store = await MakeAsync(snapshot);
        TestGrid.Query(_file.FilePath, string.Create(CultureInfo.InvariantCulture, $"{damage} WHERE sequence = {sequence} AND entity = (SELECT id FROM entity WHERE key = 'b')"));

        var report = await JournalPreflight.RunAsync(store.Journal, [EntityType.Create<Counter>("counter", CounterJson.Default)]);

        Assert.Equal(quarantines > 0 ? PreflightVerdict.Failed : PreflightVerdict.Doubtful, report.Verdict);
        var type = Assert.Single(report.Types);
        Assert.Equal((3L, (long)quarantines), (type.Entities, type.QuarantinedEntities));
        Assert.InRange(type.EventCount, 2 * EventCount, (3 * EventCount) - 1);
        var finding = Assert.Single(type.Findings);
        Assert.Equal((PreflightFindingKind.BrokenHistory, (long)count, (long)quarantines), (finding.Kind, finding.Count, finding.QuarantineCount));
        Assert.All(finding.Examples, example => Assert.Equal(Id("b"), example.Entity));
        Assert.Contains("damaged", finding.Examples[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_past_of_others_is_told_and_that_of_the_damaged_one_is_an_error()
    {
        await using var store = await MakeAsync(snapshot: 0);
        TestGrid.Query(_file.FilePath, "DELETE FROM event WHERE sequence = 3 AND entity = (SELECT id FROM entity WHERE key = 'b')");
        var type = EntityType.Create<Counter>("counter", CounterJson.Default);

        Assert.Equal(7, (await new EntityHistory(store.Journal, type, "a").StateAtAsync<int>(7)).State);
        Assert.Equal(2, (await new EntityHistory(store.Journal, type, "b").StateAtAsync<int>(2)).State);
        await Assert.ThrowsAsync<StoreException>(() => new EntityHistory(store.Journal, type, "b").StateAtAsync<int>(4));
    }

    /// <summary>Three entities whose events stand between each other, each with a snapshot after that event.</summary>
    private async Task<SqliteStore> MakeAsync(int snapshot)
    {
        var store = await TestGrid.OpenAsync(_file.FilePath);
        await TestGrid.RaiseAsync(store);
        string[] keys = ["a", "b", "c"];
        for (int n = 1; n <= EventCount; n++)
        {
            var events = keys.Select(key => new JournalEvent(Id(key), n, "counted", n, Encoding.UTF8.GetBytes("""{"By":1}"""))).ToArray();
            var outcomes = await store.Journal.AppendAsync([new ShardAppend(TestGrid.Shard, TestGrid.First, (n - 1) * keys.Length, events, [], [], [])], default);
            Assert.Equal(AppendStatus.Committed, outcomes[0].Status);
        }
        if (snapshot == 0) return store;
        var payload = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"version":1,"timers":[]}{{'\n'}}{{snapshot}}"""));
        var saved = await store.Snapshots.SaveAsync(
            [.. keys.Select(key => new SnapshotWrite(TestGrid.Shard, TestGrid.First, new SnapshotRecord(Id(key), snapshot, TestGrid.First.Epoch, snapshot, payload)))], default);
        Assert.All(saved, outcome => Assert.Equal(SnapshotOutcome.Saved, outcome));
        return store;
    }

    private static EntityId Id(string key) => EntityId.Create("counter", key);

    public sealed record Count(int By) : ICommand<Counter, int>;

    [JsonDerivedType(typeof(Counted), "counted")]
    public abstract record CounterEvent;

    public sealed record Counted(int By) : CounterEvent;

    public sealed class Counter : Entity<Counter, int, CounterEvent>
    {
        public Counter() => On<Count, int>("count", (_, c, _) => Persist(new Counted(c.By)).Reply(sum => sum));

        public override int Initial => 0;

        public override int Apply(int sum, CounterEvent e) => e is Counted counted ? sum + counted.By : throw Unknown(e);
    }

    [JsonSerializable(typeof(Count)), JsonSerializable(typeof(CounterEvent)), JsonSerializable(typeof(int))]
    internal sealed partial class CounterJson : JsonSerializerContext;
}
