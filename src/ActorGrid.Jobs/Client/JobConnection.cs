using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>What client and handles talk to.</summary>
internal sealed record JobConnection(ActorSystem System, IEntityRouter Router, IEventJournal Journal, ActorRef<RunnerMessage> Runner)
{
    private static readonly Backoff AskBackoff =
        new() { First = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(5), Jitter = 0.5 };

    /// <summary>Tells the runner.</summary>
    /// <exception cref="ObjectDisposedException">The grid has stopped.</exception>
    public void Tell(RunnerMessage message)
    {
        if (!Runner.TryTell(message)) throw new ObjectDisposedException(nameof(JobClient), "The grid has stopped.");
    }

    /// <summary>Asks for as long as the token allows: what passes by itself is waited out.</summary>
    public Task<JobInfo?> GetAsync(EntityId id, CancellationToken cancellationToken) =>
        RepeatAsync(async () => (await Router.AskAsync(id, new GetJob(), cancellationToken: cancellationToken)).Job, cancellationToken);

    /// <summary>Reads an attachment of a job, likewise; null if there is none of that name.</summary>
    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId id, string name, CancellationToken cancellationToken) =>
        RepeatAsync(() => Journal.ReadAttachmentAsync(id, name, cancellationToken), cancellationToken);

    private async Task<T> RepeatAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is AskTimeoutException or OverloadedException or StoreException { IsTransient: true })
            {
                var pause = AskBackoff.Delay(tries, System.Random);
                if (e is OverloadedException full && full.RetryAfter > pause) pause = full.RetryAfter;
                await JobPause.WaitAsync(System, pause, cancellationToken);
            }
        }
    }
}
