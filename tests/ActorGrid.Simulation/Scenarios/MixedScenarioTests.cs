using System.Diagnostics;
using System.Globalization;
using ActorGrid.Testing;
using Trace = ActorGrid.Testing.Trace;

namespace ActorGrid.Simulation;

/// <summary>A few seeds of the mixed scenario; the program runs as many as wished.</summary>
public sealed class MixedScenarioTests
{
    [Fact]
    public void The_promises_hold_under_all_faults()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            var failure = MixedScenario.Run(seed, isRecorded: false, out var grid, out var coverage);
            if (failure is not null) throw MixedScenario.Explain(grid, failure);
            Assert.True(coverage is { Acknowledged: > 0, Commits: > 0, HandOffs: > 0 }, $"Seed {seed} was idle: {coverage}");
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1_000_003)]
    public void The_same_seed_gives_the_same_run_event_by_event(int seed)
    {
        var first = TraceOf(seed, isRecorded: true);
        GC.Collect();
        Trace? second = null;
        var other = new Thread(() => second = TraceOf(seed, isRecorded: true));
        other.Start();
        Assert.True(other.Join(TimeSpan.FromMinutes(1)), "The run on another thread has not ended.");

        Assert.Equal(first.Entries.Count, second!.Entries.Count);
        for (int i = 0; i < first.Entries.Count; i++) AssertSame(first.Entries[i], second.Entries[i]);
        Assert.Equal(first.Hash, second.Hash);
        // Neither the recording nor what ran before on this thread changes the run.
        Assert.Equal(first.Hash, TraceOf(seed, isRecorded: false).Hash);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_in_another_process()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Under a test runner this process is not the program, but what runs it.
        string program = typeof(MixedScenario).Assembly.Location;
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.Ordinal)) start.FileName = "dotnet";
        foreach (string argument in (string[])[program, "--from", "4", "--hash"]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        string hash = process.StandardOutput.ReadToEnd().Trim();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), "The other process has not ended.");
        Assert.Equal(TraceOf(4, isRecorded: false).Hash.ToString("x16", CultureInfo.InvariantCulture), hash);
    }

    private static Trace TraceOf(int seed, bool isRecorded)
    {
        MixedScenario.Run(seed, isRecorded, out var grid, out _);
        return grid.World.Trace;
    }

    private static void AssertSame(in TraceEntry expected, in TraceEntry actual) =>
        Assert.Equal(expected with { Subject = TextOf(expected) }, actual with { Subject = TextOf(actual) });

    private static string? TextOf(in TraceEntry entry) => entry.Subject is byte[] frame ? Convert.ToHexString(frame) : entry.Subject?.ToString();
}
