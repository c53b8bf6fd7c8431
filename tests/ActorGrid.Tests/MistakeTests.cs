using ActorGrid.Persistence;
using Microsoft.Extensions.Options;

namespace ActorGrid.Tests;

/// <summary>Mistakes of the embedding application: each is found as early as it can be, and named.</summary>
public class MistakeTests
{
    [Fact]
    public async Task An_option_out_of_range_stops_the_start_and_is_named()
    {
        using var host = Hosts.Build(grid => grid.UseInMemory().Configure(options =>
        {
            options.ShardCount = 0;
            options.AskTimeout = TimeSpan.FromHours(1);
            options.Name = "";
        }));

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("GridOptions.ShardCount is '0'; allowed: 1 to 65536.", e.Failures);
        Assert.Contains(e.Failures, f => f.StartsWith("GridOptions.AskTimeout is '01:00:00'", StringComparison.Ordinal) && f.Contains("AskTimeoutMax", StringComparison.Ordinal));
        Assert.Contains(e.Failures, f => f.StartsWith("GridOptions.Name", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_stores_are_refused() =>
        Assert.Throws<InvalidOperationException>(() => Hosts.Build(grid => grid.UseInMemory().UseSqlite("x.db")));

    [Fact]
    public void A_name_or_class_used_twice_is_named()
    {
        var e = Assert.Throws<ArgumentException>(() => Hosts.Build(grid => grid
            .AddEntity<Account>("account", AccountJson.Default)
            .AddEntity<Account>("konto", AccountJson.Default)));
        Assert.Contains("'account'", e.Message, StringComparison.Ordinal);
        Assert.Contains("'konto'", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Hosts.Build(grid => grid
            .AddJob<Sum>("sum", SumJson.Default)
            .AddJob<Sum>("sum", SumJson.Default)));
    }

    [Fact]
    public void Missing_codecs_name_every_line_to_add()
    {
        var e = Assert.Throws<EntityRegistrationException>(() => Hosts.Build(grid => grid.AddEntity<Account>("account", SumJson.Default)));
        foreach (string type in new[] { "Deposit", "GetBalance", "AccountEvent", "decimal" })
        {
            Assert.Contains($"add [JsonSerializable(typeof({type}))] to it", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_grid_says_that_it_has_not_started_or_has_stopped()
    {
        using var host = Hosts.Build(grid => grid.UseInMemory().AddEntity<Account>("account", AccountJson.Default));
        var early = Assert.Throws<InvalidOperationException>(() => host.Grid().Entity<Account>("alice"));
        Assert.Contains("not started", early.Message, StringComparison.Ordinal);

        await host.StartAsync().WaitAsync(Hosts.Patience);
        var alice = host.Grid().Entity<Account>("alice");
        await host.StopAsync().WaitAsync(Hosts.Patience);
        var late = Assert.Throws<InvalidOperationException>(() => host.Grid().Jobs);
        Assert.Contains("stopped", late.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<OwnershipLostException>(() => alice.AskAsync(new GetBalance()));
    }

    [Fact]
    public async Task An_entity_that_was_not_added_is_named_with_the_remedy()
    {
        using var host = await Hosts.StartAsync(grid => grid.UseInMemory());
        var e = Assert.Throws<InvalidOperationException>(() => host.Grid().Entity<Account>("alice"));
        Assert.Contains(".AddEntity<Account>(", e.Message, StringComparison.Ordinal);
        var job = await Assert.ThrowsAsync<InvalidOperationException>(() => host.Grid().SubmitAsync(new Sum(1)));
        Assert.Contains(".AddJob<Sum>(", job.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_allowed_is_refused()
    {
        using var host = await Hosts.StartAsync(grid => grid.UseInMemory().AddEntity<Account>("account", AccountJson.Default));
        Assert.Throws<ArgumentException>(() => host.Grid().Entity<Account>(""));
        Assert.Throws<ArgumentException>(() => host.Grid().Entity<Account>(new string('x', 257)));
        Assert.Throws<ArgumentException>(() => host.Grid().Entity<Account>("line\nbreak"));
    }
}
