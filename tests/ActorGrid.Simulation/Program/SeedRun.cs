using System.Diagnostics;
using System.Globalization;
using ActorGrid.Testing;
using Spectre.Console;

namespace ActorGrid.Simulation;

/// <summary>Runs many seeds, and shows what they have seen.</summary>
internal static class SeedRun
{
    public static int PrintHash(int seed)
    {
        MixedScenario.Run(seed, isRecorded: false, out var grid, out _);
        Console.WriteLine(grid.World.Trace.Hash.ToString("x16", CultureInfo.InvariantCulture));
        return 0;
    }

    public static int WriteTrace(int seed, string file)
    {
        var failure = MixedScenario.Run(seed, isRecorded: true, out var grid, out _);
        File.WriteAllText(file, Explanation.Whole(grid));
        Console.WriteLine(failure is null ? $"Seed {seed} holds." : $"Seed {seed} fails: {failure.Message}");
        return failure is null ? 0 : 1;
    }

    public static int Run(int from, int count, int threads, bool keepGoing)
    {
        // Whoever reads it from a file or a pipe reads plain text.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        }
        var tally = new Tally();
        int next = from - 1;
        var clock = Stopwatch.StartNew();
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var progress = context.AddTask("seeds", maxValue: count);
            var workers = Enumerable.Range(0, threads).Select(_ => new Thread(Work)).ToList();
            foreach (var worker in workers) worker.Start();
            foreach (var worker in workers) worker.Join();

            void Work()
            {
                while (true)
                {
                    int seed = Interlocked.Increment(ref next);
                    if (seed >= from + count || (tally.Failures.Count > 0 && !keepGoing)) return;
                    var failure = MixedScenario.Run(seed, isRecorded: false, out _, out var coverage);
                    tally.Add(seed, coverage, failure);
                    progress.Increment(1);
                    progress.Description = string.Create(
                        CultureInfo.InvariantCulture, $"{tally.Seeds} seeds, {tally.Seeds / clock.Elapsed.TotalSeconds:0.0}/s, {tally.Failures.Count} failed");
                }
            }
        });
        Show(tally, clock.Elapsed);
        return tally.Failures.Count == 0 ? 0 : 1;
    }

    private static void Show(Tally tally, TimeSpan took)
    {
        var table = new Table().AddColumn("of a seed").AddColumn("mean").AddColumn("least").AddColumn("median").AddColumn("most").AddColumn("seeds without");
        foreach (var row in tally.Rows()) table.AddRow(row);
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"[bold]{tally.Seeds}[/] seeds in {took.TotalSeconds:0.0} s: [bold]{tally.Seeds / took.TotalSeconds:0.0}[/] seeds per second, {Environment.CpuUsage.TotalTime.TotalMilliseconds / Math.Max(1, tally.Seeds):0} ms of processor time each, {tally.Failures.Count} failed; the most work had seed {tally.LongestSeed}");
        if (tally.Failures.Count == 0) return;
        foreach (var (seed, failure) in tally.Failures.OrderBy(f => f.Seed).Take(40)) Console.WriteLine($"seed {seed}: {failure.GetType().Name}: {failure.Message}");
        int first = tally.Failures.Min(f => f.Seed);
        if (MixedScenario.Run(first, isRecorded: false, out var grid, out _) is not { } again) return;
        Console.WriteLine(MixedScenario.Explain(grid, again).Message);
        Console.WriteLine(again);
    }
}
