using System.Collections.Concurrent;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql;
using ActorGrid.PostgreSql.Server;
using ActorGrid.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Cli.Tests;

/// <summary>A grid that moves by export and import from SQLite to PostgreSQL, to another database there, and back, and notices nothing of it.</summary>
public sealed class MoveTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorgrid-move-");
    private readonly InMemoryKeyStore _keys = new();
    private readonly ConcurrentQueue<string> _given = [];
    private readonly SemaphoreSlim _gives = new(0);
    private int _moves;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _gives.Dispose();
    }

    [SkippableFact]
    public async Task Nothing_is_lost_between_SQLite_and_PostgreSql()
    {
        string? given = Environment.GetEnvironmentVariable("ACTORGRID_POSTGRES") is { Length: > 0 } named ? named : null;
        Skip.If(given is null && PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = given is null ? await PostgresServer.StartAsync() : null;
        string connection = given ?? server!.ConnectionString;
        string[] schemas = [$"move_{Environment.ProcessId}_a", $"move_{Environment.ProcessId}_b"];
        string path = Path.Combine(_folder.FullName, "grid.db");
        var random = new Random(7);
        CommandId deposit = CommandId.New(DateTimeOffset.UtcNow, random), refusal = CommandId.New(DateTimeOffset.UtcNow, random);

        await OnGridAsync(grid => grid.UseSqlite(path), TimeSpan.Zero, async grid =>
        {
            Assert.Equal(5, await grid.Entity<Account>("alice").AskAsync(new Deposit(5), new AskOptions { CommandId = deposit }));
            for (int i = 1; i <= 20; i++) await grid.Entity<Account>($"a{i}").AskAsync(new Deposit(i));
            await grid.Entity<Diary>("bob").AskAsync(new Note("secret"));
            await grid.Entity<Diary>("bob").AskAsync(new NoteLater("reminded", TimeSpan.FromMinutes(4)));
            await grid.Entity<Diary>("bob").AskAsync(new StayAwake());
            await Assert.ThrowsAsync<CommandRejectedException>(() => grid.Entity<Diary>("bob").AskAsync(new Note(""), new AskOptions { CommandId = refusal }));
            Assert.Equal(15, await (await grid.SubmitAsync(new Add(5), "fifteen")).ResultAsync());
            await GivenAsync(21);
        });
        await MoveAsync(["--sqlite", path], ["--postgres", connection, "--schema", schemas[0]]);
        // Later than the reminder comes due, and earlier than a reply is forgotten.
        await OnGridAsync(grid => grid.UsePostgreSql(connection, Options(schemas[0])), TimeSpan.FromMinutes(5), async grid =>
        {
            Assert.Equal(5, await grid.Entity<Account>("alice").AskAsync(new Deposit(5), new AskOptions { CommandId = deposit }));
            Assert.Equal("empty", (await Assert.ThrowsAsync<CommandRejectedException>(() => grid.Entity<Diary>("bob").AskAsync(new Note(""), new AskOptions { CommandId = refusal }))).Reason);
            while (await grid.Entity<Diary>("bob").AskAsync(new Read()) != "[secret][reminded]") await Task.Yield();
            Assert.Equal(6, await grid.Entity<Account>("alice").AskAsync(new Deposit(1)));
            Assert.Equal(27, await grid.Entity<Account>("a20").AskAsync(new Deposit(7)));
            // It is the result that was recorded: nothing is run again.
            Assert.Equal(15, await (await grid.SubmitAsync(new Add(5), "fifteen")).ResultAsync());
            Assert.Equal(5, Add.Runs);
            await GivenAsync(2);
        });
        Assert.Equal(["a20 2", "alice 2"], _given.Skip(21).Order(StringComparer.Ordinal));

        // From one cluster to another, whose terms go on from those of the first.
        await MoveAsync(["--postgres", connection, "--schema", schemas[0]], ["--postgres", connection, "--schema", schemas[1]]);
        await OnGridAsync(grid => grid.UsePostgreSql(connection, Options(schemas[1])), TimeSpan.FromMinutes(5), async grid =>
        {
            Assert.Equal(5, await grid.Entity<Account>("alice").AskAsync(new Deposit(5), new AskOptions { CommandId = deposit }));
            Assert.Equal(8, await grid.Entity<Account>("alice").AskAsync(new Deposit(2)));
            Assert.All(grid.View!.Shards, shard => Assert.Equal(2, shard.Term));
            await GivenAsync(1);
        });
        string back = Path.Combine(_folder.FullName, "back.db");
        await MoveAsync(["--postgres", connection, "--schema", schemas[1]], ["--sqlite", back]);
        foreach (bool isShared in new[] { false, true })
        {
            await OnGridAsync(grid => Share(grid.UseSqlite(back), isShared), TimeSpan.FromMinutes(5), async grid =>
            {
                Assert.Equal(5, await grid.Entity<Account>("alice").AskAsync(new Deposit(5), new AskOptions { CommandId = deposit }));
                Assert.Equal(isShared ? 9 : 8, await grid.Entity<Account>("alice").AskAsync(new Deposit(0)) + (isShared ? 1 : 0));
                Assert.Equal("[secret][reminded]", await grid.Entity<Diary>("bob").AskAsync(new Read()));
                await GivenAsync(1);
            });
        }
        Assert.Equal(26, _given.Distinct().Count());
        Assert.Equal(26, _given.Count);
    }

    private static GridBuilder Share(GridBuilder grid, bool isShared) => isShared ? grid.Listen("127.0.0.1", 0) : grid;

    /// <summary>Starts a node, which stops in order: so the cursors stand where the subscription has come to.</summary>
    private async Task OnGridAsync(Action<GridBuilder> useStore, TimeSpan later, Func<IGrid, Task> work)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton<TimeProvider>(new LaterTime(later));
        builder.Services.AddActorGrid(grid =>
        {
            useStore(grid);
            grid.Configure(o => (o.Name, o.ShardCount) = ("shop", 4))
                .AddEntity<Account>("account", AccountJson.Default)
                .AddEntity<Diary>("diary", DiaryJson.Default, new EntityOptions { Keys = _keys })
                .AddJob<Add>("add", AddJson.Default)
                .AddSubscription<Account, AccountEvent>("mirror", (_, e, _) =>
                {
                    _given.Enqueue(FormattableString.Invariant($"{e.Entity.Key} {e.Sequence}"));
                    _gives.Release();
                    return Task.CompletedTask;
                });
        });
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Patience);
        await work(host.Services.GetRequiredService<IGrid>()).WaitAsync(Patience);
        await host.StopAsync().WaitAsync(Patience);
    }

    private async Task GivenAsync(int count)
    {
        for (int i = 0; i < count; i++) Assert.True(await _gives.WaitAsync(Patience), $"Only {i} of {count} events were given.");
    }

    private async Task MoveAsync(string[] from, string[] to)
    {
        string file = Path.Combine(_folder.FullName, $"{++_moves}.jsonl"), again = file + ".again";
        Assert.Equal((0, "", ""), await Run.Async(["export", "--out", file, .. from]));
        var (code, _, error) = await Run.Async(["import", "--in", file, .. to]);
        Assert.Equal((0, ""), (code, error));
        // Whichever store it is, it holds the same, byte for byte.
        Assert.Equal((0, "", ""), await Run.Async(["export", "--out", again, .. to]));
        Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(again));
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        (code, _, error) = await Run.Async(["import", "--in", file, .. to]);
        Assert.Equal(2, code);
        Assert.Contains("is not empty", error, StringComparison.Ordinal);
    }

    private static PostgreSqlStoreOptions Options(string schema) => new() { Schema = schema, CommandTimeout = TimeSpan.FromSeconds(20), ConnectTimeout = TimeSpan.FromSeconds(20) };

    private sealed class LaterTime(TimeSpan later) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + later;
    }
}
