using System.Diagnostics;
using ActorGrid;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;
using SampleNodes;
using Spectre.Console;

namespace WordCount;

/// <summary>Runs a job, on a grid of one node or of several; one that was begun by an earlier process goes on where that was.</summary>
/// <param name="Words">The words.</param>
/// <param name="First">How far the job was when this run took it up.</param>
/// <param name="Elapsed">How long it took, without the start of other processes.</param>
public sealed record JobRun(WordTable Words, JobProgress First, TimeSpan Elapsed)
{
    /// <summary>Where its tables are in a database of PostgreSQL.</summary>
    public const string Schema = "word_count";

    /// <summary>What every node consists of.</summary>
    public static void Configure(GridBuilder grid, int workers) => grid
        .AddJob<WordCountJob>(WordCountJob.TypeName, WordCountJson.Default, WordCountJob.Options, new WordTableCodec())
        .Configure(options => options.JobWorkers = workers);

    /// <summary>Counts, and shows how it gets on. Cancelling it stops the nodes, not the job: that goes on when it is run again.</summary>
    /// <exception cref="InputException">The job failed.</exception>
    /// <exception cref="StoreException">Its database cannot be used; the job goes on once that has changed.</exception>
    /// <exception cref="NodeException">The nodes did not start.</exception>
    public static async Task<JobRun> RunAsync(
        WordCountJob job, JobFolder folder, CountOptions options, bool goesOn, IAnsiConsole console, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        bool isClient = options.Nodes.Nodes is not null;
        StoreChoice store = options.StoreOf(folder);
        await using NodeGroup nodes = new();
        if (options.Nodes.Nodes is { } count)
            nodes.Start(count, store, "--workers", $"{options.WorkersOfNode}");
        await using GridHost host = await GridHost.StartAsync(
            grid =>
            {
                Configure(grid, options.WorkersOfNode);
                store.Apply(grid, Schema);
                if (isClient)
                    grid.AsClient();
            },
            log: LogLevel.None, cancel: cancel);
        NodesView view = new(console, nodes, host.Grid);
        if (isClient)
        {
            await nodes.UpAsync(host.Grid, cancel);
            view.Show();
            started = Stopwatch.GetTimestamp();
        }

        try
        {
            JobHandle<WordTable> handle = await host.Grid.SubmitAsync(job, folder.JobId, cancel);
            Task kill = options.Nodes.Kill || options.KillOwner ? KillAsync(handle, nodes, host.Grid, options, view, cancel) : Task.CompletedTask;
            JobProgress first = await ProgressView.ShowAsync(console, handle.ProgressAsync(cancel), goesOn ? folder.JobId : null);
            WordTable words = await handle.ResultAsync(cancel);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            await kill;
            return new(words, first, elapsed);
        }
        catch (JobFailedException e)
        {
            throw new InputException(e.Failure.Cause, e);
        }
    }

    /// <summary>Kills a node when some parts are done, and many are not.</summary>
    /// <exception cref="NodeException">An ask failed, and none should.</exception>
    private static async Task KillAsync(
        JobHandle<WordTable> handle, NodeGroup nodes, IGrid grid, CountOptions options, NodesView view, CancellationToken cancel)
    {
        await foreach (JobProgress p in handle.ProgressAsync(cancel))
        {
            if (p.IsFinal || p.Done * 4 > p.Total)
                break;
        }

        NodeProcess node = options.KillOwner ? OwnerOf(handle.Id, nodes, grid.View!) : nodes.Any();
        Outage outage = new(grid, EntityType, key => grid.Jobs.FindAsync(key[KeyPrefix.Length..], WordCountJob.TypeName, cancel)) { Prefix = KeyPrefix };
        OutageReport report = await outage.BringAboutAsync(node);
        foreach (string line in report.Lines)
            view.Say(line);
        if (report.Failed > 0)
            throw new NodeException($"{report.Failed} asks failed when {node.Name} was killed, and none should.");
        view.Show();
    }

    /// <summary>Jobs are entities of this type; their keys are the name of the type of the job, a slash and the id.</summary>
    private const string EntityType = "job", KeyPrefix = WordCountJob.TypeName + "/";

    private static NodeProcess OwnerOf(string job, NodeGroup nodes, ClusterView view)
    {
        Guid owner = view[view.ShardOf(new EntityId(EntityType, KeyPrefix + job))].Owner;
        return nodes.Nodes.First(node => NodeGroup.MemberOf(node, view)?.Incarnation == owner);
    }
}
