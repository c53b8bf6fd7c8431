using ActorGrid;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace WordCount;

/// <summary>Runs a job on a grid of one node, kept in the job's folder; one that was begun by an earlier process goes on where that was.</summary>
public static class JobRun
{
    /// <summary>Counts, and shows how it gets on. Cancelling it stops the node, not the job: that goes on when it is run again.</summary>
    /// <returns>The words, and how far the job was when this run took it up.</returns>
    /// <exception cref="InputException">The job failed.</exception>
    /// <exception cref="StoreException">Its database cannot be used; the job goes on once that has changed.</exception>
    public static async Task<(WordTable Words, JobProgress First)> RunAsync(
        WordCountJob job, JobFolder folder, int workers, bool goesOn, IAnsiConsole console, CancellationToken cancel)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddActorGrid(grid => grid
            .UseSqlite(folder.Database)
            .Configure(options => options.JobWorkers = workers)
            .AddJob<WordCountJob>(WordCountJob.TypeName, WordCountJson.Default, WordCountJob.Options, new WordTableCodec()));
        using IHost host = builder.Build();
        try
        {
            await host.StartAsync(cancel);
            try
            {
                IGrid grid = host.Services.GetRequiredService<IGrid>();
                JobHandle<WordTable> handle = await grid.SubmitAsync(job, folder.JobId, cancel);
                JobProgress first = await ProgressView.ShowAsync(console, handle.ProgressAsync(cancel), goesOn ? folder.JobId : null);
                return (await handle.ResultAsync(cancel), first);
            }
            finally
            {
                // Not the caller's token: the parts in hand see the stop, and what they have finished is still written down.
                await host.StopAsync(CancellationToken.None);
            }
        }
        catch (JobFailedException e)
        {
            throw new InputException(e.Failure.Cause, e);
        }
    }
}
