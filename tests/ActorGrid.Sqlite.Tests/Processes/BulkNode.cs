using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A process that appends to shards of its own as fast as the file lets it.</summary>
internal static class BulkNode
{
    public const int ShardsOfEach = 16;
    public static readonly GridIdentity Grid = new("bulk", 64);

    public static async Task<int> RunAsync(string path, int number)
    {
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = path, IsShared = true });
        await store.OpenAsync(Grid, default);
        await Task.WhenAll(Enumerable.Range(0, ShardsOfEach).Select(i => AppendAsync(store, (number * ShardsOfEach) + i)));
        return 0;
    }

    private static async Task AppendAsync(SqliteStore store, int number)
    {
        var shard = new ShardId(number);
        var entity = EntityId.Create("bulk", number.ToString(CultureInfo.InvariantCulture));
        var before = (await store.Journal.ReadFencesAsync(default)).FirstOrDefault(row => row.Shard == shard).Fence;
        var fence = new Fence(new Epoch(before.Epoch.Term + 1, 0), new Guid(number + 1, 0, 0, new byte[8]));
        long offset = (await store.Journal.RaiseFencesAsync([new FenceRaise(shard, fence)], default))[0].LastOffset;
        while (true)
        {
            var events = Enumerable.Range(1, 50).Select(i => new JournalEvent(entity, offset + i, "bulk", 1, new byte[150])).ToArray();
            var outcome = (await store.Journal.AppendAsync([new ShardAppend(shard, fence, offset, events, [], [], [])], default))[0];
            if (outcome.Status != AppendStatus.Committed) throw outcome.Error ?? new StoreException($"The append was {outcome.Status}.", isTransient: false);
            if (offset == 0) Console.WriteLine("writing");
            offset += events.Length;
        }
    }
}
