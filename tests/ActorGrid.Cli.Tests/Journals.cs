using System.Text;
using ActorGrid.Persistence;
using ActorGrid.Sqlite;

namespace ActorGrid.Cli.Tests;

/// <summary>Journals as a grid would leave them, with what the test plants.</summary>
internal sealed class Journals : IDisposable
{
    private static readonly GridIdentity Grid = new("shop", ShardCount: 4);

    private readonly string _folder = Directory.CreateTempSubdirectory("actorgrid-cli-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "grid.db");

    public string Other(string name) => System.IO.Path.Combine(_folder, name);

    /// <summary>Alice is sound; bob's second event is damaged, and his fourth cannot be applied.</summary>
    public async Task WriteAsync()
    {
        await using var store = new SqliteStore(Path);
        await WriteAsync(store);
    }

    public static async Task WriteAsync(IGridStore store)
    {
        await store.OpenAsync(Grid, default);
        await AppendAsync(store.Journal, "alice", ("deposited", """{"Amount":1}"""), ("deposited", """{"Amount":2}"""));
        await AppendAsync(
            store.Journal, "bob", ("deposited", """{"Amount":10}"""), ("deposited", "{oops"), ("deposited", """{"Amount":30}"""), ("closed", "{}"));
    }

    /// <summary>The first event of alice is removed, below a snapshot of the second.</summary>
    public async Task ShortenAsync()
    {
        await using var store = new SqliteStore(Path);
        await store.OpenAsync(Grid, default);
        var alice = EntityId.Create("account", "alice");
        var (shard, fence) = (await store.Journal.ReadFencesAsync(default)).First(row => row.Shard == ShardId.Of(alice, Grid.ShardCount));
        var last = (await store.Journal.ReadEntitiesAsync([new EntityRead(alice, 1, 1)], default))[0].Events[0];
        var snapshot = new SnapshotRecord(alice, 2, last.Epoch, last.Event.AtUnixMs, Encoding.UTF8.GetBytes("""{"version":1,"timers":[]}""" + "\n3"));
        Assert.Equal(SnapshotOutcome.Saved, (await store.Snapshots.SaveAsync([new SnapshotWrite(shard, fence, snapshot)], default))[0]);
        Assert.Equal(1, (await store.Journal.RemoveEventsAsync([new EventRemoval(shard, fence, alice, 2, long.MaxValue, 10)], [], default))[0].Count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task AppendAsync(IEventJournal journal, string key, params (string Name, string Payload)[] events)
    {
        var entity = EntityId.Create("account", key);
        var shard = ShardId.Of(entity, Grid.ShardCount);
        var last = (await journal.ReadFencesAsync(default)).FirstOrDefault(row => row.Shard == shard).Fence.Epoch;
        var raised = (await journal.RaiseFencesAsync([new FenceRaise(shard, new Fence(last with { Generation = last.Generation + 1 }, Guid.NewGuid()))], default))[0];
        long sequence = 0;
        var rows = events.Select(e => new JournalEvent(entity, ++sequence, e.Name, 1_700_000_000_000 + sequence, Encoding.UTF8.GetBytes(e.Payload))).ToList();
        var outcome = (await journal.AppendAsync([new ShardAppend(shard, raised.Current, raised.LastOffset, rows, [], [], [])], default))[0];
        Assert.Equal(AppendStatus.Committed, outcome.Status);
    }
}

/// <summary>The command, run as a user would, in this process.</summary>
internal static class Run
{
    public static readonly string Code = typeof(Application).Assembly.Location;

    public static async Task<(int Code, string Output, string Error)> Async(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        using var bytes = new MemoryStream();
        int code = await ActorGridCommand.RunAsync(["journal", .. arguments], output, () => bytes, error, default);
        return (code, (output + Encoding.UTF8.GetString(bytes.ToArray())).ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }
}
