using ActorGrid.Persistence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task Options_of_the_cluster_are_checked_too()
    {
        using var host = Hosts.Build(grid => grid.UseInMemory().Listen("127.0.0.1", 0).AsClient().Configure(options =>
        {
            options.Cluster.Port = -1;
            options.Cluster.LeaseRenewEvery = TimeSpan.FromSeconds(2);
        }));

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(e.Failures, f => f.StartsWith("GridOptions.Cluster.IsClient is 'True'; allowed: false beside a Host", StringComparison.Ordinal));
        Assert.Contains("GridOptions.Cluster.Port is '-1'; allowed: 0 to 65535.", e.Failures);
        Assert.Contains(e.Failures, f => f.StartsWith("GridOptions.Cluster.LeaseRenewEvery is 00:00:02", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1", "")]
    [InlineData("127.0.0.1", " ")]
    [InlineData("127.0.0.1", "10.0.0.7:5300")]
    [InlineData("127.0.0.1", "http://node")]
    [InlineData("127.0.0.1", "0.0.0.0")]
    [InlineData("0.0.0.0", null)]
    [InlineData("::", null)]
    public async Task An_address_that_others_could_not_dial_is_named(string host, string? advertised)
    {
        using var built = Hosts.Build(grid => grid.UseInMemory().Listen(host, 0, advertised));

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => built.StartAsync());

        Assert.StartsWith($"GridOptions.Cluster.AdvertisedHost is '{advertised}'; allowed: ", Assert.Single(e.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%2")]
    [InlineData("node-3.grid.svc.cluster.local")]
    [InlineData("word_count_1")]
    public void An_address_that_others_can_dial_is_allowed(string advertised)
    {
        var options = new GridOptions();
        options.Cluster.Host = "0.0.0.0";
        options.Cluster.AdvertisedHost = advertised;
        Assert.True(new GridOptionsValidator().Validate(name: null, options).Succeeded);
    }

    [Theory]
    [InlineData("", "client")]
    [InlineData("127.0.0.1:5300", "127.0.0.1:5300")]
    [InlineData("wordcount-backend-statefulset-17.wordcount-backend.production.svc.cluster.local:5300", "wordcount-backend-statefulset-17.wordcount-…c.cluster.local:5300")]
    public void A_node_without_a_name_has_its_endpoint_for_one(string endpoint, string name)
    {
        Assert.Equal(name, NodeName.Of(endpoint));
        Assert.InRange(name.Length, 1, 64);
    }

    [Fact]
    public void Options_come_from_the_configuration()
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Grid:Name"] = "shop",
            ["Grid:Cluster:Host"] = "10.0.0.7",
            ["Grid:Cluster:Port"] = "5300",
            ["Grid:Cluster:Roles:0"] = "backend",
            ["Grid:Cluster:LeaseDuration"] = "00:00:05",
        };
        var section = new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("Grid");
        using var host = Hosts.Build(grid => grid.UseInMemory(), services => services.Configure<GridOptions>(section));

        var options = host.Services.GetRequiredService<IOptions<GridOptions>>().Value;
        Assert.Equal("shop", options.Name);
        Assert.Equal(("10.0.0.7", 5300), (options.Cluster.Host, options.Cluster.Port));
        Assert.Equal(["backend"], options.Cluster.Roles);
        Assert.Equal(TimeSpan.FromSeconds(5), options.Cluster.LeaseDuration);
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
