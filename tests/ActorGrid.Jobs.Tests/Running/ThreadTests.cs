using ActorGrid.Actors;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs.Tests.Running;

/// <summary>The same on real threads, with the default dispatchers.</summary>
public class ThreadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Jobs_side_by_side_on_workers_of_their_own()
    {
        var store = new InMemoryStore();
        var grid = new GridIdentity("threads", ShardCount: 4);
        await store.OpenAsync(grid, default);
        await using var system = new ActorSystem();
        var options = new JobOptions { Backoff = Backoff.None, AttemptsMax = 100 };
        await using var host =
            new JobHost(system, [JobType.Create<SumJob>("sum", SumJson.Default, options)], new JobRunnerOptions { Workers = 4 });
        await using var entities = await EntityHost.StartAsync(system, store, grid, [host.EntityType]);
        var jobs = host.Start(entities, store.Journal);

        var blocked = new Blocked();
        var endless = await jobs.SubmitAsync(new SumJob(2, Scripts.Add(blocked))).WaitAsync(Patience);
        var handles =
            await Task.WhenAll(
                Enumerable.Range(0, 5).Select(i => jobs.SubmitAsync(new SumJob(200, Scripts.Add(new Unlucky(i)))))).WaitAsync(Patience);
        var results = await Task.WhenAll(handles.Select(job => job.ResultAsync())).WaitAsync(Patience);
        Assert.All(results, result => Assert.Equal(Script.Result(200), result));

        await Task.WhenAll(blocked.Began[0].Task, blocked.Began[1].Task).WaitAsync(Patience);
        Assert.Equal(JobStatus.Cancelled, (await endless.CancelAsync().WaitAsync(Patience)).Status);
        await Task.WhenAll(blocked.Ended[0].Task, blocked.Ended[1].Task).WaitAsync(Patience);
        await host.StopAsync().WaitAsync(Patience);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => endless.ResultAsync().WaitAsync(Patience));
    }

    /// <summary>Fails now and then.</summary>
    private sealed class Unlucky(int seed) : Script
    {
        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            if ((part + seed) % 7 == 0 && context.Attempt == 1) throw new IOException("not at first");
            if (part % 5 == 0) await Task.Yield();
            return await base.RunAsync(part, context);
        }
    }

    /// <summary>Blocks its worker until it is cancelled.</summary>
    private sealed class Blocked : Script
    {
        public TaskCompletionSource[] Began { get; } = [new(), new()];

        public TaskCompletionSource[] Ended { get; } = [new(), new()];

        public override ValueTask<string> RunAsync(int part, JobContext context)
        {
            Began[part].TrySetResult();
            context.CancellationToken.WaitHandle.WaitOne(Patience);
            Ended[part].TrySetResult();
            context.CancellationToken.ThrowIfCancellationRequested();
            return base.RunAsync(part, context);
        }
    }
}
