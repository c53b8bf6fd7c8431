using ActorGrid.Jobs;
using Spectre.Console;

namespace WordCount;

/// <summary>Runs a job in this process.</summary>
public static class JobRun
{
    public static async Task<WordTable> RunAsync(
        WordCountJob job, JobFolder folder, int workers, IAnsiConsole console, CancellationToken cancel)
    {
        WordTable total = job.Empty();
        IReadOnlyList<InputPart> parts = await job.SplitAsync(cancel);
        Lock combining = new();
        await Parallel.ForEachAsync(
            parts.Index(), new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, async (part, stop) =>
            {
                WordTable partial = await job.RunAsync(part.Item, new JobContext(folder.JobId, part.Index, 1, stop));
                lock (combining)
                    total = job.Combine(total, partial);
            });
        return job.Result(total);
    }
}
