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
    /// <summary>Returns with the last state of the job.</summary>
    public static async Task ShowAsync(IAnsiConsole console, IAsyncEnumerable<JobProgress> progress)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
        {
            await ShowLinesAsync(console, progress);
            return;
        }

        await console.Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask("splitting", autoStart: true);
                await foreach (JobProgress p in progress)
                {
                    task.MaxValue = Math.Max(p.UnitsTotal, 1);
                    task.Value = p.UnitsDone;
                    task.Description = Markup.Escape(Line(p));
                }
            });
    }

    private static async Task ShowLinesAsync(IAnsiConsole console, IAsyncEnumerable<JobProgress> progress)
    {
        (int Percent, int Done) last = (-1, -1);
        await foreach (JobProgress p in progress)
        {
            int percent = p.UnitsTotal == 0 ? 0 : (int)(100.0 * p.UnitsDone / p.UnitsTotal);
            if (percent == last.Percent || p.Done == last.Done || p.Total == 0)
                continue;
            last = (percent, p.Done);
            console.Profile.Out.Writer.WriteLine(Line(p));
        }
    }

    /// <summary>For example <c>3/16 parts, 12.6 MB of 64 MB, 301 MB/s, 0:02 left</c>.</summary>
    public static string Line(JobProgress p)
    {
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{p.Done}/{p.Total} parts, {Report.Size(p.UnitsDone)} of {Report.Size(p.UnitsTotal)}");
        if (p.UnitsPerSecond > 0)
            line += $", {Report.Size(p.UnitsPerSecond)}/s";
        if (p.TimeLeft is { } left && !p.IsFinal)
            line += string.Create(CultureInfo.InvariantCulture, $", {(int)left.TotalMinutes}:{left.Seconds:00} left");
        return p.Failures == 0 ? line : string.Create(CultureInfo.InvariantCulture, $"{line}, {p.Failures} attempts failed");
    }
}
