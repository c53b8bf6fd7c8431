using ActorGrid.Conformance;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A process that is killed between what a projection has written and its commit leaves nothing of it.</summary>
public sealed class ProjectionKillTests : IAsyncLifetime
{
    private static readonly EntityType Type = EntityType.Create<Tally>("tally", TallyJson.Default);
    private static readonly CursorMove Move = new(new CursorKey("totals", TestGrid.Shard), new Cursor(1, TestGrid.First.Epoch, 3, 3, 0));
    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task What_was_not_committed_when_the_process_was_killed_counts_once_afterwards()
    {
        await using (var store = await TestGrid.OpenAsync(_file.FilePath))
        {
            await TestGrid.RaiseAsync(store);
            JournalEvent[] events = [.. Enumerable.Range(1, 3).Select(i => new JournalEvent(EntityId.Create("tally", "t"), i, "counted", 1, "{\"By\":5}"u8.ToArray()))];
            Assert.Equal(AppendStatus.Committed, (await store.Journal.AppendAsync([new ShardAppend(TestGrid.Shard, TestGrid.First, 0, events, [], [], [])], default))[0].Status);
        }
        for (int round = 0; round < 2; round++)
        {
            using var child = new ChildProcess("project", _file.FilePath);
            await child.FirstLineAsync();
            child.Kill();
            Assert.Equal(["written"], await child.EndAsync());
            Assert.Equal(0, Totals.Read(_file.FilePath));
        }
        await using var after = await TestGrid.OpenAsync(_file.FilePath);
        Assert.Equal(Cursor.None, (await after.Cursors.ReadAsync([Move.Key], default))[0]);
        Assert.True(await ProjectAsync(after, static () => { }));
        Assert.False(await ProjectAsync(after, static () => { }));
        Assert.Equal(15, Totals.Read(_file.FilePath));
    }

    /// <summary>What the child does: writes what it makes of the events, says so, and does not come to the commit.</summary>
    internal static async Task<int> ProjectAsync(string path)
    {
        await using var store = await TestGrid.OpenAsync(path);
        using var never = new ManualResetEventSlim();
        await ProjectAsync(store, () =>
        {
            Console.WriteLine("written");
            Console.Out.Flush();
            never.Wait();
        });
        return 1;
    }

    private static async Task<bool> ProjectAsync(SqliteStore store, Action during)
    {
        var events = (await store.Journal.ReadShardAsync(TestGrid.Shard, 0, 10, default)).Events;
        return await ((IEventProjector)Totals.NewProjection(during).Bind(Type, store)).ProjectAsync(Move, events, default);
    }
}
