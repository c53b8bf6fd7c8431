using System.Globalization;
using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A process that takes shards from others and has them taken, and says what was acknowledged to it: shard, first offset, and the names of the events.</summary>
/// <remarks>It trusts the store alone: what it knows of a shard it reads after its fence was raised, and it checks that this is a whole history.</remarks>
internal sealed class RivalNode(SqliteStore store, Guid self, Random random)
{
    public const int Entities = 5;

    private int _named;

    public static async Task<int> RunAsync(string path, int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = path, IsShared = true });
        await store.OpenAsync(TestGrid.Identity, default);
        var node = new RivalNode(store, new Guid(bytes), random);
        while (true) await node.TakeShardAsync();
    }

    private async Task TakeShardAsync()
    {
        var shard = new ShardId(random.Next(TestGrid.Identity.ShardCount));
        var before = (await store.Journal.ReadFencesAsync(default)).FirstOrDefault(row => row.Shard == shard).Fence;
        var fence = new Fence(new Epoch(before.Epoch.Term + 1, 0), self);
        var raised = (await store.Journal.RaiseFencesAsync([new FenceRaise(shard, fence)], default))[0];
        if (!raised.Raised) return;
        long offset = raised.LastOffset;
        long[] sequences = await ReadSequencesAsync(shard, offset);
        for (int left = random.Next(1, 20); left > 0; left--)
        {
            var events = Enumerable.Range(0, random.Next(1, 40)).Select(_ => Next(shard, sequences)).ToArray();
            var outcome = (await store.Journal.AppendAsync([new ShardAppend(shard, fence, offset, events, [], [], [])], default))[0];
            if (outcome.Status == AppendStatus.Fenced) return;
            if (outcome.Status != AppendStatus.Committed) throw outcome.Error!;
            string names = string.Join(' ', events.Select(e => Encoding.UTF8.GetString(e.Payload.Span)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shard.Value} {offset + 1} {names}"));
            offset += events.Length;
        }
    }

    /// <summary>Reads by shard and by entity, which must agree; there may be more than at the raise, of somebody who has raised the fence since.</summary>
    private async Task<long[]> ReadSequencesAsync(ShardId shard, long offset)
    {
        long[] sequences = new long[Entities];
        var events = (await store.Journal.ReadShardAsync(shard, 0, int.MaxValue, default)).Events;
        Expect(events.Count >= offset, "what was committed before the raise is read");
        for (int i = 0; i < offset; i++)
        {
            Expect(events[i].Offset == i + 1, "offsets have no gaps");
            int entity = int.Parse(events[i].Event.Entity.Key.Split('-')[1], CultureInfo.InvariantCulture);
            Expect(events[i].Event.Sequence == ++sequences[entity], "sequence numbers have no gaps");
        }
        var pages = await store.Journal.ReadEntitiesAsync(
            [.. Enumerable.Range(0, Entities).Select(i => new EntityRead(EntityOf(shard, i), 0, int.MaxValue))], default);
        for (int i = 0; i < Entities; i++) Expect(pages[i].Events.Count >= sequences[i], "the entity has the events that its shard has");
        return sequences;
    }

    private JournalEvent Next(ShardId shard, long[] sequences)
    {
        int entity = random.Next(Entities);
        byte[] name = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{self:N}:{_named++}"));
        return new JournalEvent(EntityOf(shard, entity), ++sequences[entity], "named", 1, name);
    }

    private static EntityId EntityOf(ShardId shard, int entity) =>
        EntityId.Create("rival", string.Create(CultureInfo.InvariantCulture, $"{shard.Value}-{entity}"));

    private static void Expect(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException($"It does not hold that {what}.");
    }
}
