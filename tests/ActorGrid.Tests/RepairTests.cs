using System.Text;
using ActorGrid.Persistence;
using ActorGrid.Sqlite;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Tests;

/// <summary>Repairs by way of the facade, from whichever node.</summary>
public sealed class RepairTests
{
    private static readonly GridIdentity Identity = new("grid", 32);

    [Fact]
    public async Task An_entity_is_repaired_from_any_node_and_answers_all()
    {
        var memory = new SharedMemory();
        using var first = await StartAsync(memory, "a");
        using var second = await StartAsync(memory, "b");
        using var client = await StartAsync(memory, "");
        IHost[] hosts = [first, second, client];
        for (int i = 0; i < 12; i++)
        {
            string key = $"account-{i}";
            await PlantAsync(memory, key);
            var (asking, other) = (hosts[i % 3].Grid(), hosts[(i + 1) % 3].Grid());
            await Assert.ThrowsAsync<QuarantinedException>(() => asking.Entity<Account>(key).AskAsync(new GetBalance()).WaitAsync(Hosts.Patience));
            var found = await asking.History<Account>(key).InspectAsync();
            var act = new Repair("ada", "It was planted.");
            var refused = await Assert.ThrowsAsync<CommandRejectedException>(() => asking.Entity<Account>(key).RepairAsync(act.Skip(1)).WaitAsync(Hosts.Patience));
            Assert.Contains("event 2 is at fault", refused.Reason, StringComparison.Ordinal);

            var receipt = await asking.Entity<Account>(key).RepairAsync(act.Replace(found.Fault!.Sequence, "deposited", """{"Amount":5}""")).WaitAsync(Hosts.Patience);

            Assert.Equal((key, 4L), (receipt.Entity.Key, receipt.Sequence));
            Assert.Equal(9m, await other.Entity<Account>(key).AskAsync(new Deposit(1m)).WaitAsync(Hosts.Patience));
            Assert.Null((await other.History<Account>(key).InspectAsync()).Fault);
        }
    }

    [Fact]
    public async Task A_long_history_in_a_file_is_tried_page_by_page_while_others_are_answered()
    {
        var folder = Directory.CreateTempSubdirectory("actorgrid-");
        try
        {
            string path = Path.Combine(folder.FullName, "grid.db");
            await using (var store = new SqliteStore(path))
            {
                await store.OpenAsync(Identity, default);
                var fence = new Fence(new Epoch(0, 1), Guid.NewGuid());
                var entity = EntityId.Create("account", "alice");
                var shard = ShardId.Of(entity, Identity.ShardCount);
                await store.Journal.RaiseFencesAsync([new FenceRaise(shard, fence)], default);
                JournalEvent[] rows = [.. Enumerable.Range(1, 10_000).Select(i => new JournalEvent(entity, i, "deposited", 0, i == 9_000 ? "{oops"u8.ToArray() : """{"Amount":1}"""u8.ToArray()))];
                Assert.Equal(AppendStatus.Committed, (await store.Journal.AppendAsync([new ShardAppend(shard, fence, 0, rows, [], [], [])], default))[0].Status);
            }
            using var host = await Hosts.StartAsync(grid => grid.UseSqlite(path).Configure(o => o.ShardCount = Identity.ShardCount).AddEntity<Account>("account", AccountJson.Default));
            var alice = host.Grid().Entity<Account>("alice");
            Assert.Equal(9_000, (await Assert.ThrowsAsync<QuarantinedException>(() => alice.AskAsync(new GetBalance()))).Sequence);
            var repair = alice.RepairAsync(new Repair("ada", "It was planted.").Skip(9_000));
            var others = Enumerable.Range(0, 50).Select(i => host.Grid().Entity<Account>($"other-{i}").AskAsync(new Deposit(1m))).ToList();

            Assert.Equal(10_001, (await repair.WaitAsync(Hosts.Patience)).Sequence);
            Assert.Equal(10_000m, await alice.AskAsync(new Deposit(1m)).WaitAsync(Hosts.Patience));
            Assert.All(await Task.WhenAll(others).WaitAsync(Hosts.Patience), balance => Assert.Equal(1m, balance));
            await host.StopAsync().WaitAsync(Hosts.Patience);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>As an owner would, who takes the shard and lets it go: the present one finds out with its next append, and raises its fence again.</summary>
    private static async Task PlantAsync(SharedMemory memory, string key)
    {
        var entity = EntityId.Create("account", key);
        var shard = ShardId.Of(entity, Identity.ShardCount);
        var journal = memory.Journal;
        var fence = (await journal.ReadFencesAsync(default)).Single(row => row.Shard == shard).Fence;
        long offset = (await journal.ReadShardAsync(shard, 0, int.MaxValue, default)).Events.Count;
        (string Name, string Payload)[] events = [("deposited", """{"Amount":1}"""), ("deposited", "{oops"), ("deposited", """{"Amount":2}""")];
        JournalEvent[] rows = [.. events.Select((e, i) => new JournalEvent(entity, i + 1, e.Name, 0, Encoding.UTF8.GetBytes(e.Payload)))];
        Assert.Equal(AppendStatus.Committed, (await journal.AppendAsync([new ShardAppend(shard, fence, offset, rows, [], [], [])], default))[0].Status);
        var next = fence with { Epoch = fence.Epoch with { Generation = fence.Epoch.Generation + 1 }, Owner = Guid.NewGuid() };
        Assert.True((await journal.RaiseFencesAsync([new FenceRaise(shard, next)], default))[0].Raised);
    }

    private static Task<IHost> StartAsync(SharedMemory memory, string endpoint) => Hosts.StartAsync(grid =>
    {
        memory.Connect(grid, endpoint).AddEntity<Account>("account", AccountJson.Default);
        if (endpoint.Length == 0) grid.AsClient();
    });
}
