using System.Globalization;
using ActorGrid.Jobs;
using Spectre.Console;

namespace WordCount;

/// <summary>
/// Shows how a job gets on until it has ended: as one live line on a terminal; elsewhere as lines, at most one for each percent, so that
/// a log stays short.
/// </summary>
public static class ProgressView
{
    /// <summary>Returns when the job has ended, with the first state that was known of its parts.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="progress">The states of the job.</param>
    /// <param name="goesOn">The id of a job that an earlier run began, or null.</param>
    public static async Task<JobProgress> ShowAsync(IAnsiConsole console, IAsyncEnumerable<JobProgress> progress, string? goesOn)
    {
        await using IAsyncEnumerator<JobProgress> states = progress.GetAsyncEnumerator();
        while (await states.MoveNextAsync() && states.Current is { Total: 0, IsFinal: false })
        {
            // It is being split, and no one knows yet how much there is.
        }

        JobProgress first = states.Current;
        if (goesOn is not null)
            console.Profile.Out.Writer.WriteLine(Greeting(goesOn, first));
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
            await ShowLinesAsync(console, states);
        else
            await ShowBarAsync(console, states);
        return first;
    }

    /// <summary>What is said of a job that an earlier run began.</summary>
    public static string Greeting(string jobId, JobProgress first) => first.IsFinal
        ? $"Job {jobId} had ended before: nothing is counted again."
        : string.Create(CultureInfo.InvariantCulture, $"Job {jobId} goes on: {first.Done} of {first.Total} parts were counted before.");

    private static async Task ShowBarAsync(IAnsiConsole console, IAsyncEnumerator<JobProgress> states) => await console.Progress()
        .AutoClear(true)
        .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
        .StartAsync(async context =>
        {
            ProgressTask task = context.AddTask("counting", autoStart: true);
            do
            {
                JobProgress p = states.Current;
                task.MaxValue = Math.Max(p.UnitsTotal, 1);
                task.Value = p.UnitsDone;
                task.Description = Markup.Escape(Line(p));
            }
            while (await states.MoveNextAsync());
        });

    private static async Task ShowLinesAsync(IAnsiConsole console, IAsyncEnumerator<JobProgress> states)
    {
        (int Percent, int Done) last = (-1, -1);
        do
        {
            JobProgress p = states.Current;
            int percent = p.UnitsTotal == 0 ? 0 : (int)(100.0 * p.UnitsDone / p.UnitsTotal);
            // The last line is always there: whoever reads a log learns from it that all was counted.
            if (p.Total == 0 || (!p.IsFinal && (percent == last.Percent || p.Done == last.Done)))
                continue;
            last = (percent, p.Done);
            console.Profile.Out.Writer.WriteLine(Line(p));
        }
        while (await states.MoveNextAsync());
    }

    /// <summary>For example <c>3/16 parts, 12.6 MB of 64 MB, 301 MB/s, 0:02 left</c>.</summary>
    public static string Line(JobProgress p)
    {
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{p.Done}/{p.Total} parts, {Report.Size(p.UnitsDone)} of {Report.Size(p.UnitsTotal)}");
        if (p.UnitsPerSecond > 0 && p.UnitsTotal >= Report.RateBytesMin)
            line += $", {Report.Size(p.UnitsPerSecond)}/s";
        if (p.TimeLeft is { } left && !p.IsFinal)
            line += string.Create(CultureInfo.InvariantCulture, $", {(int)left.TotalMinutes}:{left.Seconds:00} left");
        return p.Failures == 0 ? line : string.Create(CultureInfo.InvariantCulture, $"{line}, {p.Failures} attempts failed");
    }
}
