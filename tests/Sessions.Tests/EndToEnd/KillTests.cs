using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Sessions.Tests;

/// <summary>The promise on the real program: killed at any time, it has lost and doubled nothing that was acknowledged.</summary>
public sealed partial class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int KillsMax = 12, KillsMin = 4;

    // Processes start slowly on a busy machine: then there are fewer kills, rather than a test that takes minutes.
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(18);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_many_times_at_random_points_it_holds_every_acknowledged_event_exactly_once()
    {
        int seed = Random.Shared.Next(), kills = 0;
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        output.WriteLine($"seed {seed}");

        // Kills in the middle of a load alternate with kills at the beginning of one, and in a verification while it sends the open events.
        for (; kills < KillsMin || (kills < KillsMax && clock.Elapsed < Enough); kills++)
        {
            if (kills % 2 == 1) await KillEarlyAsync(random, random.Next(2) == 0 ? Load(random) : ["--data", _directory.Path, "--verify"]);
            await KillInTheMiddleAsync(random);
        }

        var (exitCode, lines, errors) = await SessionsProcess.RunAsync("--data", _directory.Path, "--verify");

        output.WriteLine($"{kills} kills in the middle");
        foreach (string line in lines) output.WriteLine(line);
        Assert.True(exitCode == 0, string.Join('\n', lines) + errors);
        Assert.Matches("^verified: [1-9][0-9]* acknowledged events, each there exactly once$", lines[^1]);
    }

    private async Task KillInTheMiddleAsync(Random random)
    {
        using var process = new SessionsProcess(Load(random));
        int enough = random.Next(1, 4_000);
        await process.WaitForAsync(line => AcknowledgedIn().Match(line) is { Success: true } match
            && int.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) >= enough);
        await process.KillAsync();
    }

    private async Task KillEarlyAsync(Random random, string[] arguments)
    {
        using var process = new SessionsProcess(arguments);
        for (int lines = random.Next(3); lines > 0; lines--) await process.NextLineAsync();
        await process.KillAsync();
    }

    private string[] Load(Random random) =>
    [
        "--data", _directory.Path, "--sessions", "50", "--seconds", "3600", "--every", "0.02", "--seed", $"{random.Next()}",
        .. random.Next(2) == 0 ? (string[])["--rate", "5000"] : [],
    ];

    [GeneratedRegex("(?<count>[0-9]+) acknowledged", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex AcknowledgedIn();
}
