using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace WordCount;

/// <summary>Finds the input, counts it as a job, and shows the result. What goes wrong is one clear message and an exit code.</summary>
public sealed class CountCommand(IAnsiConsole output, IAnsiConsole errors)
{
    /// <summary>All is counted and written.</summary>
    public const int Counted = 0;

    /// <summary>The input cannot be counted, or the result cannot be written.</summary>
    public const int Failed = 1;

    /// <summary>The user interrupted it, as shells say it: 128 and the number of the signal.</summary>
    public const int Interrupted = 130;

    private const int WarningsShown = 10;

    /// <summary>Runs the program; gives its exit code.</summary>
    public async Task<int> RunAsync(CountOptions options, CancellationToken cancel)
    {
        string jobId = options.Job
            ?? string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}");
        JobFolder folder = new(Path.Join(options.Data, "jobs"), jobId);
        try
        {
            await CountAsync(options, folder, cancel);
            return Counted;
        }
        catch (InputException e)
        {
            Say(e.Message);
            if (options.Job is null && folder.HasBegun)
                folder.Delete();
            return Failed;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            Say(folder.HasBegun
                ? $"Interrupted. What is counted is kept in '{folder.Path}': run again with --job {jobId} to go on."
                : "Interrupted before the count began.");
            return Interrupted;
        }
    }

    private async Task CountAsync(CountOptions options, JobFolder folder, CancellationToken cancel)
    {
        IReadOnlyList<string> paths = options.Paths.Count > 0 ? options.Paths : [GeneratedText.In(options.Data, options.Seed, cancel)];
        string[] outputs = [.. new[] { options.Json, options.Csv }.OfType<string>()];
        WordCountJob job = folder.HasBegun ? folder.GoOn(paths) : Find(paths, [options.Data, .. outputs], cancel);
        foreach (string path in outputs)
            ResultFile.Check(path, job.Files);
        if (!folder.HasBegun)
            folder.Begin(job);

        long started = Stopwatch.GetTimestamp();
        WordTable table = await JobRun.RunAsync(job, folder, options.Workers, errors, cancel);
        CountResult result = CountResult.Of(table, Stopwatch.GetElapsedTime(started));

        if (options.Json is not null)
            ResultFile.WriteJson(options.Json, result);
        if (options.Csv is not null)
            ResultFile.WriteCsv(options.Csv, result.Words);
        Report.Write(output, result, options.Top);
        if (options.Job is null)
            folder.Delete();                                 // no one knows its id
    }

    private WordCountJob Find(IReadOnlyList<string> paths, IReadOnlyList<string> excluded, CancellationToken cancel)
    {
        InputSet input = InputFiles.Find(paths, excluded, cancel);
        foreach (string warning in input.Warnings.Take(WarningsShown))
            Say($"Warning: {warning}");
        if (input.Warnings.Count > WarningsShown)
            Say(string.Create(CultureInfo.InvariantCulture, $"and {input.Warnings.Count - WarningsShown:N0} more such warnings."));
        return new(paths, input.Files);
    }

    /// <summary>Plain text in one piece, never broken to the width of the terminal: a path in it must stay usable.</summary>
    private void Say(string message) => errors.Profile.Out.Writer.WriteLine(message);
}
