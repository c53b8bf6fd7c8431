using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using ActorGrid.Persistence;
using ActorGrid.Sqlite;

namespace ActorGrid.Benchmarks;

/// <summary>
/// A journal with planted damage, to try <c>actorgrid journal preflight</c> and <c>repair</c> on: short histories by the thousand, and one that has a tenth of all events. Key 100 has an event that is no JSON, 200 one that
/// <c>Apply</c> throws on, 300 one that no class has the name of, 400 a snapshot that cannot be read; <c>long</c> has one of each kind of event, the last near its end.
/// </summary>
internal static class DamagedJournal
{
    private const int EventsPerEntity = 50, EventsPerAppend = 1000, ShardCount = 256;

    private static readonly GridIdentity Grid = new("grid", ShardCount);

    public static async Task WriteAsync(string path, int events)
    {
        await using var store = new SqliteStore(path);
        await store.OpenAsync(Grid, default);
        var owner = Guid.NewGuid();
        var raised = await store.Journal.RaiseFencesAsync([.. Enumerable.Range(0, ShardCount).Select(i => new FenceRaise(new ShardId(i), new Fence(new Epoch(0, 1), owner)))], default);
        long[] offsets = [.. raised.OrderBy(r => r.Shard).Select(r => r.LastOffset)];
        int inLong = events / 10;
        await AppendAsync(store, offsets, owner, "long", 1, inLong);
        for (int key = 0; key < (events - inLong) / EventsPerEntity; key++) await AppendAsync(store, offsets, owner, key.ToString(CultureInfo.InvariantCulture), 1, EventsPerEntity);
        var broken = EntityId.Create("purse", "400");
        var write = new SnapshotWrite(
            ShardId.Of(broken, ShardCount), new Fence(new Epoch(0, 1), owner), new SnapshotRecord(broken, 40, new Epoch(0, 1), 1_700_000_000_000, "{}\n{oops"u8.ToArray()));
        if ((await store.Snapshots.SaveAsync([write], default))[0] != SnapshotOutcome.Saved) throw new InvalidOperationException("The snapshot was not saved.");
        Console.WriteLine($"{events:N0} events in {path}");
    }

    private static async Task AppendAsync(SqliteStore store, long[] offsets, Guid owner, string key, int first, int last)
    {
        var entity = EntityId.Create("purse", key);
        var shard = ShardId.Of(entity, ShardCount);
        for (int start = first; start <= last; start += EventsPerAppend)
        {
            var rows = Enumerable.Range(start, Math.Min(EventsPerAppend, last - start + 1)).Select(i => Event(entity, i, last)).ToList();
            var append = new ShardAppend(shard, new Fence(new Epoch(0, 1), owner), offsets[shard.Value], rows, [], [], []);
            if ((await store.Journal.AppendAsync([append], default))[0].Status != AppendStatus.Committed) throw new InvalidOperationException("The append was not committed.");
            offsets[shard.Value] += rows.Count;
        }
    }

    private static JournalEvent Event(EntityId entity, int sequence, int last)
    {
        var (name, payload) = (entity.Key, last - sequence) switch
        {
            ("100", 5) or ("long", 90) => ("put", "{oops"),
            ("200", 5) or ("long", 60) => ("spent", """{"Amount":1}"""),
            ("300", 5) or ("long", 30) => ("lent", """{"Amount":1}"""),
            _ => ("put", $$"""{"Amount":{{sequence % 7}},"Note":"the {{sequence}}th of them all"}"""),
        };
        return new JournalEvent(entity, sequence, name, 1_700_000_000_000 + sequence, Encoding.UTF8.GetBytes(payload));
    }
}

public sealed record Put(long Amount, string Note) : ICommand<Purse, long>;

[JsonDerivedType(typeof(PutIn), "put")]
[JsonDerivedType(typeof(Spent), "spent")]
public abstract record PurseEvent;

public sealed record PutIn(long Amount, string Note) : PurseEvent;

/// <summary>Nobody applies it.</summary>
public sealed record Spent(long Amount) : PurseEvent;

public sealed class Purse : Entity<Purse, long, PurseEvent>
{
    public Purse() => On<Put, long>("put", static (_, c, _) => Persist(new PutIn(c.Amount, c.Note)).Reply(s => s));

    public override long Initial => 0;

    public override long Apply(long state, PurseEvent e) => e is PutIn put ? state + put.Amount : throw Unknown(e);
}

[JsonSerializable(typeof(Put)), JsonSerializable(typeof(PurseEvent)), JsonSerializable(typeof(long))]
public sealed partial class PurseJson : JsonSerializerContext;

/// <summary>What <c>--code</c> finds.</summary>
public static class PurseApplication
{
    public static void Configure(GridBuilder grid) => grid.AddEntity<Purse>("purse", PurseJson.Default);
}
