using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ActorGrid.PostgreSql.Server;
using Xunit.Abstractions;

namespace Sessions.Tests;

/// <summary>The sample on several processes.</summary>
public sealed partial class NodesTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task A_node_of_three_is_killed_and_no_request_fails() => KillAsync();

    [SkippableFact]
    public async Task A_node_of_three_on_postgresql_is_killed_and_no_request_fails()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        await KillAsync("--store", $"postgres={server.ConnectionString}");
    }

    [Fact]
    public async Task The_nodes_go_with_the_process_that_started_them_though_it_is_killed()
    {
        List<int> nodes = [];
        using var process = new SessionsProcess([.. Load(seconds: "3600"), "--nodes", "2"]);
        while (nodes.Count < 2)
        {
            string line = await process.NextLineAsync() ?? throw new InvalidOperationException(process.Transcript);
            if (NodeLine().Match(line) is { Success: true } match) nodes.Add(int.Parse(match.Groups["pid"].ValueSpan, CultureInfo.InvariantCulture));
        }
        await process.WaitForAsync(line => line.Contains(" acknowledged ", StringComparison.Ordinal) && !line.Contains(" 0 acknowledged ", StringComparison.Ordinal));
        Process[] children = [.. nodes.Select(Process.GetProcessById)];
        await process.KillAsync();

        foreach (var child in children)
        {
            await child.WaitForExitAsync().WaitAsync(Patience);
            child.Dispose();
        }
        // What they held is free, and what was acknowledged is there.
        var (exitCode, lines, errors) = await SessionsProcess.RunAsync("--data", _directory.Path, "--verify");
        Assert.True(exitCode == 0, string.Join('\n', lines) + errors);
    }

    [Fact]
    public async Task Nodes_that_were_started_by_hand_serve_a_load_from_elsewhere()
    {
        string[] join = ["--join", "--data", _directory.Path];
        using var first = new SessionsProcess([.. join, "--name", "one"]);
        await first.WaitForAsync(line => line.StartsWith("1 nodes: one at 127.0.0.1:", StringComparison.Ordinal));
        using var second = new SessionsProcess([.. join, "--name", "two"]);
        await second.WaitForAsync(line => line.StartsWith("2 nodes: one at ", StringComparison.Ordinal));

        var (exitCode, lines, errors) = await SessionsProcess.RunAsync([.. Load(seconds: "0.5"), "--nodes", "0"]);
        Assert.True(exitCode == 0, string.Join('\n', lines) + errors);

        foreach (var node in new[] { second, first })
        {
            using var interrupt = Process.Start("kill", ["-INT", $"{node.Id}"]);
            Assert.True(await node.EndAsync() == 0, node.Transcript);
            Assert.Contains("\nleaving", node.Transcript, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nodes_that_cannot_start_are_told_in_one_line()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "grid.db"), new string('x', 10_000));
        var (exitCode, lines, _) = await SessionsProcess.RunAsync([.. Load(seconds: "1"), "--nodes", "2"]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("FAILED: ", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Contains("is not a SQLite database", lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--nodes is 'many'; it must be a whole number, 0 to 64.", "--nodes", "many")]
    [InlineData("--store is 'oracle'; it must be sqlite[=FILE]|postgres=CONNECTION.", "--store", "oracle")]
    [InlineData("--listen is '127.0.0.1'; it must be a host and a port", "--join", "--listen", "127.0.0.1")]
    [InlineData("--listen is for a node: add --join.", "--listen", "127.0.0.1:5300")]
    [InlineData("--nodes is for the process that starts nodes", "--join", "--nodes", "2")]
    [InlineData("--kill needs a node that stays: add --nodes 3.", "--kill")]
    [InlineData("--kill needs a node that stays: add --nodes 3.", "--kill", "--nodes", "1")]
    public void A_command_line_about_nodes_that_makes_no_sense_is_refused(string reason, params string[] arguments)
    {
        var errors = new CommandLine().Root.Parse(arguments).Errors;

        Assert.StartsWith(reason, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    private async Task KillAsync(params string[] store)
    {
        var (exitCode, lines, errors) = await SessionsProcess.RunAsync([.. Load(seconds: "3"), "--nodes", "3", "--kill", .. store]);
        string said = string.Join('\n', lines) + errors;
        output.WriteLine(said);

        Assert.True(exitCode == 0, said);
        Assert.Contains(lines, line => line.StartsWith("killed node-", StringComparison.Ordinal));
        Assert.Contains("failed requests: 0", lines);
        Assert.Equal(2, lines.TakeLast(7).Count(line => line.Contains(" up ", StringComparison.Ordinal)));
        Assert.StartsWith("leaderboard: 1. session-", lines[^2], StringComparison.Ordinal);
        Assert.Matches("^verified: [1-9][0-9]* acknowledged events, each there exactly once$", lines[^1]);
    }

    private string[] Load(string seconds) =>
        ["--data", _directory.Path, "--sessions", "100", "--rate", "400", "--seconds", seconds, "--every", "0.5"];

    [GeneratedRegex("^node-[0-9]+ +pid (?<pid>[0-9]+) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex NodeLine();
}
