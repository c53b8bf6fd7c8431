using System.Globalization;
using ActorGrid.Persistence;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActorGrid.Tests;

/// <summary>Subscriptions and projections as an application adds them.</summary>
public sealed class SubscriptionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorgrid-subscriptions-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string FilePath => Path.Combine(_folder.FullName, "grid.db");

    [Fact]
    public async Task A_handler_gets_the_events_and_asks_entities_under_their_ids()
    {
        var copied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = await Hosts.StartAsync(grid => grid
            .UseInMemory()
            .AddEntity<Account>("account", AccountJson.Default)
            .AddSubscription<Account, AccountEvent>("savings", async (grid, e, cancel) =>
            {
                if (e.Entity.Key == "savings") return;
                decimal sum = await grid.Entity<Account>("savings").AskAsync(new Deposit(((Deposited)e.Event).Amount), new AskOptions { CommandId = e.CommandId }, cancel);
                if (sum == 6m) copied.SetResult();
            }));
        foreach (decimal amount in new[] { 1m, 2m, 3m }) await host.Grid().Entity<Account>("alice").AskAsync(new Deposit(amount));
        await copied.Task.WaitAsync(Hosts.Patience);
        await host.StopAsync().WaitAsync(Hosts.Patience);
    }

    [Fact]
    public async Task A_projection_counts_each_event_once_over_restarts_and_failures()
    {
        decimal expected = 0;
        int calls = 0;
        for (int round = 1; round <= 3; round++)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            decimal target = expected + 55m;
            using var host = await Hosts.StartAsync(grid => grid
                .UseSqlite(FilePath)
                .AddEntity<Account>("account", AccountJson.Default)
                .AddSqliteProjection<Account, AccountEvent>("totals", (transaction, events) =>
                {
                    Execute(transaction, "CREATE TABLE IF NOT EXISTS total (account TEXT PRIMARY KEY, sum INTEGER NOT NULL)");
                    foreach (var e in events)
                    {
                        Execute(transaction, "INSERT INTO total VALUES ($account, $sum) ON CONFLICT DO UPDATE SET sum = sum + excluded.sum", ("$account", e.Entity.Key), ("$sum", (long)((Deposited)e.Event).Amount));
                    }
                    if (++calls % 3 == 0) throw new InvalidOperationException("Now and then.");
                    using var sum = transaction.Connection!.CreateCommand();
                    (sum.Transaction, sum.CommandText) = (transaction, "SELECT sum(sum) FROM total");
                    if (Convert.ToDecimal(sum.ExecuteScalar(), CultureInfo.InvariantCulture) == target) reached.TrySetResult();
                }));
            for (int i = 1; i <= 10; i++) await host.Grid().Entity<Account>($"a{i % 4}").AskAsync(new Deposit(i));
            expected = target;
            await reached.Task.WaitAsync(Hosts.Patience);
            await host.StopAsync().WaitAsync(Hosts.Patience);
            await using var file = new SqliteConnection($"Data Source={FilePath};Pooling=False");
            await file.OpenAsync();
            await using var read = file.CreateCommand();
            read.CommandText = "SELECT sum(sum) FROM total";
            Assert.Equal(expected, Convert.ToDecimal(await read.ExecuteScalarAsync(), CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData("'No Name' is not the name of a subscription")]
    [InlineData("There is a subscription or projection 'twice' already")]
    public void A_name_that_cannot_be_is_refused_at_once(string reason)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => Hosts.Build(grid => grid
            .AddSubscription<Account, AccountEvent>("twice", static (_, _, _) => Task.CompletedTask)
            .AddSqliteProjection<Account, AccountEvent>(reason.Contains("twice", StringComparison.Ordinal) ? "twice" : "No Name", static (_, _) => { })));
        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<GridBuilder>> Mistakes => new()
    {
        { "'s' subscribes to Account, which is not an entity type of this grid: add .AddEntity<Account>", static grid => Subscribe<AccountEvent>(grid) },
        {
            "'s' subscribes to string of Account, whose events are AccountEvent: write <Account, AccountEvent>.",
            static grid => Subscribe<string>(grid.AddEntity<Account>("account", AccountJson.Default))
        },
        {
            "'p' is a projection into PostgreSQL, and the grid is kept in memory: use PostgreSQL for both, or take the projection away.",
            static grid => grid.AddEntity<Account>("account", AccountJson.Default).AddPostgreSqlProjection<Account, AccountEvent>("p", static (NpgsqlTransaction _, IReadOnlyList<EventEnvelope<AccountEvent>> _, CancellationToken _) => Task.CompletedTask)
        },
        {
            "'p' is a projection into SQLite, and the grid is kept in memory: use SQLite for both, or take the projection away.",
            static grid => grid.AddEntity<Account>("account", AccountJson.Default).AddSqliteProjection<Account, AccountEvent>("p", static (_, _) => { })
        },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task What_cannot_work_keeps_the_host_from_starting_and_says_why(string reason, Action<GridBuilder> mistake)
    {
        using var host = Hosts.Build(grid => mistake(grid.UseInMemory()));
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => host.StartAsync().WaitAsync(Hosts.Patience));
        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
    }

    private static void Subscribe<TEvent>(GridBuilder grid)
        where TEvent : class => grid.AddSubscription<Account, TEvent>("s", static (_, _, _) => Task.CompletedTask);

    private static void Execute(SqliteTransaction transaction, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = transaction.Connection!.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, sql);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }
}
