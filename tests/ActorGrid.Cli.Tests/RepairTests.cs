using System.Diagnostics;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql;
using ActorGrid.PostgreSql.Server;
using ActorGrid.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Cli.Tests;

public sealed class RepairTests : IDisposable
{
    private static readonly string[] Act = ["--by", "ada", "--why", "Ticket 4711"];

    private readonly Journals _journals = new();

    public void Dispose() => _journals.Dispose();

    [Fact]
    public async Task A_repair_is_tried_then_recorded_and_the_entity_recovers()
    {
        await _journals.WriteAsync();
        string[] store = ["--code", Run.Code, "--sqlite", _journals.Path];
        var (code, _, error) = await Run.Async(["repair", "account/bob", .. Act, "--skip", "2", .. store]);
        Assert.Equal(1, code);
        Assert.Contains("event 4 is at fault", error, StringComparison.Ordinal);
        Assert.Equal((0, "account/bob is repaired, by its event 5.\n", ""), await Run.Async(["repair", "account/bob", .. Act, "--replace", "2=deposited={\"Amount\":20}", "--skip", "4", .. store]));

        Assert.Contains("\"json\":60}", (await Run.Async(["replay", "account/bob", .. store])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Run.Async(["preflight", .. store])).Code);
        string shown = (await Run.Async("show", "account/bob", "--from", "5", "--sqlite", _journals.Path)).Output;
        Assert.Contains("""{"by":"ada","why":"Ticket 4711","steps":[{"sequence":4,"act":"skip"},{"sequence":2,"act":"replace","name":"deposited","payload":""", shown, StringComparison.Ordinal);
        (code, _, error) = await Run.Async(["repair", "account/bob", .. Act, "--skip", "2", .. store]);
        Assert.Equal(1, code);
        Assert.Contains("not quarantined", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_code_it_takes_an_explicit_word()
    {
        await _journals.WriteAsync();
        var (code, _, error) = await Run.Async(["repair", "account/bob", .. Act, "--skip", "2", "--sqlite", _journals.Path]);
        Assert.Equal(2, code);
        Assert.Contains("--unchecked", error, StringComparison.Ordinal);
        Assert.Equal(1, (await Run.Async(["repair", "account/bob", .. Act, "--skip", "9", "--unchecked", "--sqlite", _journals.Path])).Code);
        Assert.Equal(2, (await Run.Async(["repair", "account/bob", .. Act, "--unchecked", "--sqlite", _journals.Path])).Code);
        Assert.Equal(0, (await Run.Async(["repair", "account/bob", .. Act, "--skip", "2", "--skip", "4", "--unchecked", "--sqlite", _journals.Path])).Code);
        Assert.Contains("\"json\":40}", (await Run.Async("replay", "account/bob", "--code", Run.Code, "--sqlite", _journals.Path)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_written_behind_the_back_of_a_process_that_has_the_file(bool isShared)
    {
        await _journals.WriteAsync();
        await using var running = new SqliteStore(new SqliteStoreOptions { Path = _journals.Path, IsShared = isShared });
        await running.OpenAsync(new GridIdentity("shop", 4), default);
        var before = await running.Journal.ReadFencesAsync(default);

        var (code, _, error) = await Run.Async(["repair", "account/bob", .. Act, "--skip", "2", "--skip", "4", "--code", Run.Code, "--sqlite", _journals.Path]);

        Assert.Equal(2, code);
        Assert.Contains("RepairAsync", error, StringComparison.Ordinal);
        Assert.Equal(before.OrderBy(row => row.Shard), (await running.Journal.ReadFencesAsync(default)).OrderBy(row => row.Shard));
        // A file that processes share can be read beside them.
        Assert.Equal(isShared ? 0 : 2, (await Run.Async("list", "--sqlite", _journals.Path)).Code);
    }

    [Fact]
    public async Task The_program_itself_does_the_same()
    {
        await _journals.WriteAsync();
        Assert.Equal(0, await StartAsync(["repair", "account/bob", .. Act, "--skip", "2", "--skip", "4", "--code", Run.Code, "--sqlite", _journals.Path]));
        Assert.Equal(0, await StartAsync(["preflight", "--code", Run.Code, "--sqlite", _journals.Path]));
        Assert.Equal(2, await StartAsync(["preflight", "--sqlite", _journals.Path]));

        static async Task<int> StartAsync(string[] arguments)
        {
            var start = new ProcessStartInfo("dotnet", [typeof(ActorGridCommand).Assembly.Location, "journal", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            using var late = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await process.WaitForExitAsync(late.Token);
            await Task.WhenAll(output, error);
            return process.ExitCode;
        }
    }

    [SkippableFact]
    public async Task On_PostgreSql_the_leases_say_whether_the_grid_runs()
    {
        string? given = Environment.GetEnvironmentVariable("ACTORGRID_POSTGRES") is { Length: > 0 } named ? named : null;
        Skip.If(given is null && PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = given is null ? await PostgresServer.StartAsync() : null;
        string connection = given ?? server!.ConnectionString;
        string schema = $"cli_{Environment.ProcessId}";
        string[] store = ["--postgres", connection, "--schema", schema];
        string[] repair = ["repair", "account/bob", .. Act, "--skip", "2", "--skip", "4", "--code", Run.Code, .. store];
        Assert.Equal(2, (await Run.Async(["list", .. store])).Code);
        var options = new PostgreSqlStoreOptions { Schema = schema, CommandTimeout = TimeSpan.FromSeconds(20), ConnectTimeout = TimeSpan.FromSeconds(20) };
        await using (var written = new PostgreSqlStore(connection, options)) await Journals.WriteAsync(written);
        using (var host = await StartGridAsync(connection, options))
        {
            var bob = host.Services.GetRequiredService<IGrid>().Entity<Account>("bob");
            await Assert.ThrowsAsync<QuarantinedException>(() => bob.AskAsync(new Deposit(1)));

            var (code, _, error) = await Run.Async(repair);

            Assert.Equal(2, code);
            Assert.Contains("runs on the nodes", error, StringComparison.Ordinal);
            Assert.Equal(0, (await Run.Async(["list", .. store])).Code);
            await Assert.ThrowsAsync<QuarantinedException>(() => bob.AskAsync(new Deposit(1)));
            await host.StopAsync();
        }

        Assert.Equal((0, "account/bob is repaired, by its event 5.\n", ""), await Run.Async(repair));
        Assert.Contains("\"json\":40}", (await Run.Async(["replay", "account/bob", "--code", Run.Code, .. store])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Run.Async(["preflight", "--code", Run.Code, .. store])).Code);
    }

    private static async Task<IHost> StartGridAsync(string connection, PostgreSqlStoreOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddActorGrid(grid => grid
            .UsePostgreSql(connection, options)
            .Configure(o => (o.Name, o.ShardCount) = ("shop", 4))
            .AddEntity<Account>("account", AccountJson.Default));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
