using ActorGrid.Persistence;

namespace Sessions.Tests;

/// <summary>The program as its users meet it.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_load_ends_with_the_proof_and_a_tampered_ledger_with_a_failure()
    {
        var (exitCode, lines, errors) = await LoadAsync();
        Assert.True(exitCode == 0, string.Join('\n', lines) + errors);
        Assert.Matches("^load: [0-9]+ acknowledged in ", lines[^5]);
        Assert.Matches("^leaderboard: 1. session-[0-9]+ [0-9.]+, 2. session-", lines[^2]);
        Assert.Matches("^verified: [1-9][0-9]* acknowledged events, each there exactly once$", lines[^1]);

        // An event that was never sent, said to have been acknowledged: to the check this is an event that the grid lost.
        long number = Expectations.Read(_directory.Path).NextNumber;
        var invented = new Planned(CommandId.New(DateTimeOffset.UtcNow, new Random(1)), "session-1", new PageView(number, "/"));
        await using (var ledger = new LedgerWriter(_directory.Path)) await ledger.AppendAsync(invented, new Acknowledged(number));

        var (tampered, said, _) = await SessionsProcess.RunAsync("--data", _directory.Path, "--verify");
        Assert.Equal(1, tampered);
        Assert.Equal("FAILED: 1 of 20 sessions do not hold what was acknowledged", said[^1]);
        Assert.StartsWith("session-1: events are lost", said[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_behind_the_back_of_the_ledger_and_a_lost_grid_are_failures()
    {
        Assert.Equal(0, (await LoadAsync()).ExitCode);
        await using (var grid = await SessionGrid.StartAsync(_directory.Path, TimeProvider.System))
        {
            await grid.SendAsync(new Planned(CommandId.New(DateTimeOffset.UtcNow, new Random(1)), "session-2", new PageView(1, "/")));
        }

        var doubled = await SessionsProcess.RunAsync("--data", _directory.Path, "--verify");
        Assert.Equal(1, doubled.ExitCode);
        Assert.StartsWith("session-2: events are doubled or unknown to the ledger", doubled.Lines[^2], StringComparison.Ordinal);

        foreach (string file in Directory.EnumerateFiles(_directory.Path, "grid.db*")) File.Delete(file);
        var lost = await SessionsProcess.RunAsync("--data", _directory.Path, "--verify");
        Assert.Equal(1, lost.ExitCode);
        Assert.Equal("FAILED: 20 of 20 sessions do not hold what was acknowledged", lost.Lines[^1]);
    }

    [Fact]
    public async Task An_interrupt_ends_the_load_and_what_was_acknowledged_is_verified()
    {
        using var process = new SessionsProcess("--data", _directory.Path, "--seconds", "3600", "--every", "0.05");
        for (int line = 0; line < 5; line++) Assert.NotNull(await process.NextLineAsync());

        using var interrupt = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"]);
        int exitCode = await process.EndAsync();

        Assert.True(exitCode == 0, process.Transcript);
        Assert.Contains("\nverified: ", process.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_ledger_there_is_nothing_to_verify_and_nothing_is_made()
    {
        string missing = Path.Combine(_directory.Path, "nowhere");

        var (exitCode, lines, _) = await SessionsProcess.RunAsync("--data", missing, "--verify");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("FAILED: there is no ledger in", lines[^1], StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
    }

    [Fact]
    public async Task A_grid_that_cannot_be_opened_is_told_in_one_line()
    {
        await using (await SessionGrid.StartAsync(_directory.Path, TimeProvider.System))
        {
            await FailsToStartAsync("is in use by another process");
        }

        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "grid.db"), new string('x', 10_000));
        await FailsToStartAsync("is not a SQLite database");
    }

    [Theory]
    [InlineData("--sessions takes a number from 1 to 10000000, not '0'.", "--sessions", "0")]
    [InlineData("--rate takes a number from 0 to 10000000, not 'NaN'.", "--rate", "NaN")]
    [InlineData("--sessions takes a number from 1 to 10000000, not 'many'.", "--sessions", "many")]
    [InlineData("--rate describes a load, and --verify makes none", "--verify", "--rate", "5")]
    [InlineData("--data takes the path of a directory, and '' is none.", "--data", "")]
    [InlineData("--data takes the path of a directory, and 'Sessions.dll' is a file.", "--data", "Sessions.dll")]
    [InlineData("Unrecognized command or argument '--speed'", "--speed")]
    public void A_command_line_that_makes_no_sense_is_refused(string reason, params string[] arguments)
    {
        var errors = new CommandLine().Root.Parse(arguments).Errors;

        Assert.StartsWith(reason, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    private async Task FailsToStartAsync(string reason)
    {
        var (exitCode, lines, errors) = await LoadAsync();
        Assert.Equal(1, exitCode);
        Assert.StartsWith("FAILED: ", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Contains(reason, lines[0], StringComparison.Ordinal);
        Assert.Equal("", errors.Trim());
    }

    private Task<(int ExitCode, IReadOnlyList<string> Lines, string Errors)> LoadAsync() =>
        SessionsProcess.RunAsync("--data", _directory.Path, "--sessions", "20", "--seconds", "0.7");
}
