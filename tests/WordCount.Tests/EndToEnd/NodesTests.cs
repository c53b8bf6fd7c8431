using ActorGrid.PostgreSql.Server;

namespace WordCount.Tests;

/// <summary>The sample on several processes.</summary>
public sealed class NodesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private async Task<string[]> InputAsync()
    {
        string[] copies = [.. Enumerable.Range(0, 2).Select(i => _folder[$"text-{i}"])];
        await using (FileStream file = File.Create(copies[0]))
            new TextGenerator(1).Write(file, 16_000_000);
        foreach (string copy in copies[1..])
            File.Copy(copies[0], copy);
        return copies;
    }

    private async Task<(Outcome Outcome, string Count)> CountAsync(string name, params string[] arguments)
    {
        Outcome outcome = await WordCountProcess.RunAsync([.. arguments, "--data", _folder["data"], "--csv", _folder[name]]);
        Assert.True(outcome.ExitCode == CountCommand.Counted, outcome.ToString());
        return (outcome, await File.ReadAllTextAsync(_folder[name]));
    }

    [Fact]
    public Task A_count_on_three_nodes_survives_the_kill_of_any() => KillAsync("--kill");

    [SkippableFact]
    public async Task A_count_on_three_nodes_with_postgresql_survives_the_kill_of_the_one_that_accepted_it()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using PostgresServer server = await PostgresServer.StartAsync();
        await KillAsync("--kill-owner", "--store", $"postgres={server.ConnectionString}");
    }

    private async Task KillAsync(params string[] arguments)
    {
        string[] input = await InputAsync();
        (_, string expected) = await CountAsync("one", input);
        (Outcome outcome, string count) = await CountAsync("three", [.. input, "--nodes", "3", .. arguments]);
        Assert.Matches(@"killed node-[123] \(kill -9 [0-9]+\), the owner of [0-9]+ of 256 shards\n.*; 0 of 256 asks failed\n", outcome.Errors);
        Assert.Equal(expected, count);
    }

    [Fact]
    public async Task A_count_that_was_killed_with_all_its_nodes_goes_on_with_others()
    {
        string[] input = await InputAsync();
        (_, string expected) = await CountAsync("one", input);
        await using (WordCountProcess process = WordCountProcess.Start([.. input, "--data", _folder["data"], "--job", "mine", "--nodes", "2"]))
        {
            Assert.True(await process.SaysAsync(line => line.Contains(" parts, ", StringComparison.Ordinal) && !line.StartsWith("0/", StringComparison.Ordinal)));
            process.Kill();
            await process.EndAsync();
        }

        (Outcome outcome, string count) = await CountAsync("three", [.. input, "--job", "mine", "--nodes", "2"]);
        Assert.Contains("Job mine ", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal(expected, count);
    }
}
