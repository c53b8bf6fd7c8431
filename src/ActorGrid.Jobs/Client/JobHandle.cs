using System.Runtime.CompilerServices;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>A job that was submitted, here or elsewhere, now or long ago.</summary>
/// <remarks>Safe to use from any thread. It holds nothing: let go of it, and get another one from
/// <see cref="JobClient.FindAsync"/>.</remarks>
public class JobHandle
{
    private protected JobHandle(JobConnection connection, JobType type, EntityId entity)
    {
        Connection = connection;
        JobType = type;
        Entity = entity;
    }

    /// <summary>The id of the job, unique for its type.</summary>
    public string Id => JobAddress.IdOf(Entity);

    /// <summary>The name of the job's type.</summary>
    public string Type => JobType.Name;

    private protected JobConnection Connection { get; }

    private protected JobType JobType { get; }

    private protected EntityId Entity { get; }

    /// <summary>Where the job stands.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<JobInfo> StatusAsync(CancellationToken cancellationToken = default) =>
        JobCall<JobInfo>.RunAsync(Connection.System, () => GetAsync(cancellationToken));

    /// <summary>
    /// Cancels the job, for good, unless it has ended before; running parts have their token cancelled. The outcome is durable when the
    /// task ends: whichever of completion, failure and cancellation was first.
    /// </summary>
    /// <returns>Where the job stands: ended.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the job may be cancelled all the same.</exception>
    public Task<JobInfo> CancelAsync(CancellationToken cancellationToken = default) => JobCall<JobInfo>.RunAsync(
        Connection.System, async () =>
            (await Connection.Router.AskAsync(Entity, new CancelJob(), cancellationToken: cancellationToken)).Job!);

    /// <summary>
    /// How far the job is, from now to its end: up to four times a second while it runs, and at last its final state, once. Who reads
    /// slowly gets the latest and misses those before.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="StoreException">The store failed in a way that somebody has to see to; the job goes on when it works
    /// again.</exception>
    /// <exception cref="OwnershipLostException">Another process has taken over the job.</exception>
    /// <exception cref="ObjectDisposedException">The grid is stopping; the job goes on when it is started again.</exception>
    public async IAsyncEnumerable<JobProgress> ProgressAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watch = new JobWatch();
        Connection.Tell(new Watch(Entity, watch));
        try
        {
            // The job may have ended before the runner heard of us; if it ends after this look, the runner tells us.
            var now = await StatusAsync(cancellationToken);
            if (now.EndedAt is not null) watch.Publish(JobProgress.Of(now));
            JobProgress progress;
            do
            {
                progress = await watch.NextAsync(cancellationToken);
                yield return progress;
            }
            while (!progress.IsFinal);
        }
        finally
        {
            // A watch that failed was forgotten by the runner, which may have stopped since.
            if (!watch.HasFailed) Connection.Runner.TryTell(new Unwatch(Entity, watch));
        }
    }

    /// <summary>This job as one with a given result.</summary>
    /// <exception cref="InvalidCastException">The job results in something else.</exception>
    public JobHandle<TResult> As<TResult>()
        where TResult : notnull
    {
        JobType.CheckResult<TResult>();
        return new JobHandle<TResult>(Connection, JobType, Entity);
    }

    private protected async Task<JobInfo> GetAsync(CancellationToken cancellationToken) =>
        await Connection.GetAsync(Entity, cancellationToken)
        ?? throw new InvalidOperationException($"There is no job {Type}/{Id}.");
}

/// <summary>A job that was submitted, with its result.</summary>
/// <typeparam name="TResult">What the job results in.</typeparam>
public sealed class JobHandle<TResult> : JobHandle
    where TResult : notnull
{
    internal JobHandle(JobConnection connection, JobType type, EntityId entity)
        : base(connection, type, entity)
    {
    }

    /// <summary>The result, as soon as the job has ended, however long that takes; at once if it ended before, in an earlier process
    /// too.</summary>
    /// <exception cref="JobFailedException">The job failed; the message names the part, the node and the cause.</exception>
    /// <exception cref="JobCancelledException">The job was cancelled.</exception>
    /// <exception cref="JobExpiredException">The result is gone.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the job goes on.</exception>
    /// <exception cref="StoreException">The store failed in a way that somebody has to see to; the job goes on when it works
    /// again.</exception>
    /// <exception cref="OwnershipLostException">Another process has taken over the job.</exception>
    /// <exception cref="ObjectDisposedException">The grid is stopping; the job goes on when it is started again.</exception>
    /// <exception cref="QuarantinedException">The job cannot be recovered from its journal.</exception>
    public Task<TResult> ResultAsync(CancellationToken cancellationToken = default) =>
        JobCall<TResult>.RunAsync(Connection.System, async () =>
    {
        await foreach (var _ in ProgressAsync(cancellationToken))
        {
            // Only the end matters.
        }
        var job = await GetAsync(cancellationToken);
        if (job.Status == JobStatus.Failed) throw new JobFailedException(job);
        if (job.Status == JobStatus.Cancelled) throw new JobCancelledException(job);
        var result = job.IsExpired ? null : await Connection.ReadAttachmentAsync(Entity, JobAttachment.Result, cancellationToken);
        return JobType.DecodeResult<TResult>(result ?? throw new JobExpiredException(job));
    });
}
