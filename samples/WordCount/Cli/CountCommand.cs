using System.Globalization;
using ActorGrid.Persistence;
using SampleNodes;
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
            if (options.Nodes.Join is not { } join)
                return await CountAsync(options, folder, cancel);
            await JoinCommand.RunAsync(join, options.Nodes.Store.Or(options.Database), JobRun.Schema, grid => JobRun.Configure(grid, options.WorkersOfNode), Say);
            return Counted;
        }
        catch (InputException e)
        {
            Say(e.Message);
            if (options.Job is null && folder.HasBegun)
                folder.Delete();
            return Failed;
        }
        catch (StoreException e)
        {
            Say(IsDiskFull(e)
                ? $"The disk that holds '{folder.Path}' is full. What is counted is kept: free some space and run again with --job {jobId}."
                : $"The job's database cannot be used: {e.Message} What is counted is kept: then run again with --job {jobId}.");
            return Failed;
        }
        catch (Exception e) when (e is NodeException or InvalidOperationException or ArgumentException)
        {
            Say(e.Message);
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

    private async Task<int> CountAsync(CountOptions options, JobFolder folder, CancellationToken cancel)
    {
        IReadOnlyList<string> paths = options.Paths.Count > 0 ? options.Paths : [GeneratedText.In(options.Data, options.Seed, cancel)];
        string[] outputs = [.. new[] { options.Json, options.Csv }.OfType<string>()];
        WordCountJob job = folder.HasBegun ? folder.GoOn(paths) : Find(paths, [options.Data, .. outputs], cancel);
        foreach (string path in outputs)
            ResultFile.Check(path, job.Files);
        bool goesOn = folder.HasBegun;
        if (!goesOn)
            folder.Begin(job);

        JobRun run = await JobRun.RunAsync(job, folder, options, goesOn, errors, cancel);
        CountResult result = CountResult.Of(run.Words, goesOn ? run.First.UnitsDone : 0, run.Elapsed);

        bool isWritten = options.Json is null || TryWrite(() => ResultFile.WriteJson(options.Json, result));
        isWritten &= options.Csv is null || TryWrite(() => ResultFile.WriteCsv(options.Csv, result.Words));
        Report.Write(output, result, options.Top);
        if (!isWritten)
        {
            Say($"The count is kept: run again with --job {folder.JobId} to write it.");
            return Failed;
        }

        if (options.Job is null)
            folder.Delete();                                 // no one knows its id
        return Counted;
    }

    private bool TryWrite(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (InputException e)
        {
            Say(e.Message);
            return false;
        }
    }

    /// <summary>By SQLite's own words: a store's exception says what to do about it to a program that stays, and ours ends.</summary>
    private static bool IsDiskFull(StoreException e) => e.InnerException?.Message.Contains("disk is full", StringComparison.Ordinal) == true;

    private WordCountJob Find(IReadOnlyList<string> paths, IReadOnlyList<string> excluded, CancellationToken cancel)
    {
        InputSet input = InputFiles.Find(paths, excluded, cancel);
        foreach (string warning in input.Warnings.Take(WarningsShown))
            Say($"Warning: {warning}");
        if (input.Warnings.Count > WarningsShown)
            Say(string.Create(CultureInfo.InvariantCulture, $"and {input.Warnings.Count - WarningsShown:N0} more such warnings."));
        if (input.Files.Count == 0)
            throw new InputException("There is nothing to count: no file with text was found.");
        return new(paths, input.Files);
    }

    /// <summary>Plain text in one piece, never broken to the width of the terminal: a path in it must stay usable.</summary>
    private void Say(string message) => errors.Profile.Out.Writer.WriteLine(message);
}
