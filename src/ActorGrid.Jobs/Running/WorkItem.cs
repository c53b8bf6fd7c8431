using System.Diagnostics;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>A piece of work for a worker: everything that runs user code, or decodes what user code made.</summary>
internal abstract class WorkItem(EntityId job, int step)
{
    /// <summary>The job that it is a piece of.</summary>
    public EntityId Job { get; } = job;

    /// <summary>The number of the part, or one of <see cref="JobStep"/>.</summary>
    public int Step { get; } = step;

    /// <summary>Ends the attempt early. Never disposed, as it has no timer and may be cancelled when the work has just ended. Cancelled by
    /// an actor of its own, since what the job registered with the token runs within that call.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>Does it. Whatever it throws is the failure of the attempt.</summary>
    public abstract ValueTask<object> ExecuteAsync(IEventJournal journal);

    /// <summary>Whether what it threw would come back in every further attempt.</summary>
    public abstract bool IsPermanent(Exception error);

    /// <summary>Starts its span; null if nobody wants it, or if it is too small to have one.</summary>
    public virtual Activity? StartSpan() => null;

    protected ValueTask<ReadOnlyMemory<byte>> ReadAsync(IEventJournal journal, string name) =>
        JobAttachment.ReadAsync(journal, Job, name, Cancellation.Token);
}
