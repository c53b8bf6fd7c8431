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
    public async Task<JobInfo?> GetAsync(EntityId id, CancellationToken cancellationToken)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return (await Router.AskAsync(id, new GetJob(), cancellationToken: cancellationToken)).Job;
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
