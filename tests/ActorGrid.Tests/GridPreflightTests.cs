using System.Text.Json.Serialization;
using ActorGrid.Persistence;
using Microsoft.Extensions.Options;

namespace ActorGrid.Tests;

public sealed partial class GridPreflightTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorgrid-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_a_host_is_set_up_with_is_run_over_its_store()
    {
        using (var host = await Hosts.StartAsync(Configure))
        {
            for (int i = 0; i < 150; i++) await host.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m));
            await host.Grid().Entity<Account>("bob").AskAsync(new Deposit(2m));
            var job = await host.Grid().SubmitAsync(new Sum(12_345), "the-sum").WaitAsync(Hosts.Patience);
            await job.ResultAsync().WaitAsync(Hosts.Patience);
            await host.StopAsync().WaitAsync(Hosts.Patience);
        }

        var report = await GridPreflight.RunAsync(Configure);

        Assert.True(report.Verdict == PreflightVerdict.Passed, report.ToString());
        Assert.Equal([("account", 2L), ("job", 1L)], report.Types.Select(type => (type.Name, type.Entities)));
        Assert.Equal(151, report.Types[0].EventCount);

        // The store is free again, and as it was.
        using var next = await Hosts.StartAsync(Configure);
        Assert.Equal(150m, await next.Grid().Entity<Account>("alice").AskAsync(new GetBalance()));
        await next.StopAsync().WaitAsync(Hosts.Patience);
    }

    [Fact]
    public async Task Code_that_cannot_live_with_the_journal_fails_before_it_is_started()
    {
        using (var host = await Hosts.StartAsync(Configure))
        {
            await host.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m));
            await host.StopAsync().WaitAsync(Hosts.Patience);
        }

        var report = await GridPreflight.RunAsync(grid => grid.UseSqlite(File).AddEntity<Renamed>("account", RenamedJson.Default));

        Assert.Equal(PreflightVerdict.Failed, report.Verdict);
        var finding = Assert.Single(report.Types[0].Findings);
        Assert.Equal((PreflightFindingKind.UnreadableEvent, "deposited"), (finding.Kind, finding.Manifest!));
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_refused_and_not_made()
    {
        var e = await Assert.ThrowsAsync<StoreException>(() => GridPreflight.RunAsync(Configure));

        Assert.Contains($"'{File}' does not exist", e.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task A_store_without_events_has_not_passed()
    {
        using (var host = await Hosts.StartAsync(Configure)) await host.StopAsync().WaitAsync(Hosts.Patience);

        Assert.Equal(PreflightVerdict.Empty, (await GridPreflight.RunAsync(Configure)).Verdict);
        Assert.Equal(PreflightVerdict.Empty, (await GridPreflight.RunAsync(grid => grid.UseInMemory())).Verdict);
    }

    [Fact]
    public async Task Options_out_of_range_are_named()
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => GridPreflight.RunAsync(grid => grid.UseInMemory().Configure(options => options.ShardCount = 0)));
        Assert.Contains(nameof(GridOptions.ShardCount), e.Message, StringComparison.Ordinal);
    }

    private string File => Path.Combine(_folder.FullName, "grid.db");

    private void Configure(GridBuilder grid) => grid.UseSqlite(File).AddEntity<Account>("account", AccountJson.Default).AddJob<Sum>("sum", SumJson.Default);

    public sealed record Look : ICommand<Renamed, decimal>;

    [JsonDerivedType(typeof(PaidIn), "paid-in")]
    public abstract record RenamedEvent;

    public sealed record PaidIn(decimal Amount) : RenamedEvent;

    public sealed class Renamed : Entity<Renamed, decimal, RenamedEvent>
    {
        public Renamed() => On<Look, decimal>("look", (balance, _, _) => Answer(balance));

        public override decimal Initial => 0m;

        public override decimal Apply(decimal balance, RenamedEvent e) => e is PaidIn paid ? balance + paid.Amount : throw Unknown(e);
    }

    [JsonSerializable(typeof(Look)), JsonSerializable(typeof(RenamedEvent)), JsonSerializable(typeof(decimal))]
    internal sealed partial class RenamedJson : JsonSerializerContext;
}
