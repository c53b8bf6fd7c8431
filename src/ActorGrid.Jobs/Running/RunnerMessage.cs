using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>What the runner is told.</summary>
/// <param name="Run">The job that it is about, if it is about one in hand.</param>
internal abstract record RunnerMessage(JobRun? Run)
{
    /// <summary>The job that it is about, in hand or not.</summary>
    public virtual EntityId? About => Run?.Id;
}

/// <summary>The node is up: from now on there is somebody to report to.</summary>
/// <param name="Router">How the jobs' entities are asked.</param>
/// <param name="Journal">What workers read from.</param>
/// <param name="Cluster">What a node of a cluster has besides; null: there are no other nodes.</param>
internal sealed record Begin(IEntityRouter Router, IEventJournal Journal, JobCluster? Cluster) : RunnerMessage(Run: null);

/// <summary>What the job runner of a node of a cluster has besides.</summary>
/// <param name="Peers">The other nodes.</param>
/// <param name="Keeper">Where the worker runs that never does parts.</param>
internal sealed record JobCluster(IJobPeers Peers, Dispatcher Keeper);

/// <summary>The shard of a job has left this node.</summary>
internal sealed record JobLeft(EntityId Id) : RunnerMessage(Run: null)
{
    public override EntityId? About => Id;
}

/// <summary>The jobs of another node have sent this.</summary>
internal sealed record FromPeer(Guid Peer, JobMessage Message) : RunnerMessage(Run: null);

/// <summary>Members have come, gone, or are in reach or out of it.</summary>
internal sealed record PeersChanged() : RunnerMessage(Run: null);

/// <summary>Time to look after what other nodes have, and what this one has of theirs.</summary>
internal sealed record Beat() : RunnerMessage(Run: null);

/// <summary>Time to try again to send what a peer did not take.</summary>
internal sealed record FlushDue() : RunnerMessage(Run: null);

/// <summary>Those who know what became of a job's steps have had time to tell.</summary>
internal sealed record SuspectsDue(JobRun Job) : RunnerMessage(Job);

/// <summary>A node that was out of reach has had time to tell what it did with a step.</summary>
internal sealed record LossDue(JobRun Job, int Step, string Node) : RunnerMessage(Job);

/// <summary>Time to ask how a job goes that is in hand elsewhere.</summary>
internal sealed record FollowDue(EntityId Id) : RunnerMessage(Run: null);

/// <summary>How it goes.</summary>
internal sealed record Followed(EntityId Id, JobInfo? Job) : RunnerMessage(Run: null);

/// <summary>It could not be asked.</summary>
internal sealed record FollowFailed(EntityId Id, Exception Error) : RunnerMessage(Run: null);

/// <summary>Other nodes have had time to take what is theirs.</summary>
internal sealed record HaltDue() : RunnerMessage(Run: null);

/// <summary>The node goes down: no more work is given out, and what is with the workers is cancelled.</summary>
internal sealed record Halt() : RunnerMessage(Run: null);

/// <summary>A job's durable state, after a commit or a recovery.</summary>
internal sealed record JobChanged(EntityId Id, JobState State) : RunnerMessage(Run: null)
{
    public override EntityId? About => Id;
}

/// <summary>A worker is free again.</summary>
internal sealed record WorkEnded(int Worker, WorkItem Work, object? Outcome, Exception? Error, bool IsPermanent)
    : RunnerMessage((Work as JobWork)?.Run);

/// <summary>A part has had its time.</summary>
internal sealed record WorkTimedOut(JobWork Work) : RunnerMessage(Work.Run);

/// <summary>The entity's answer to a report is there, and so durable.</summary>
internal sealed record Reported(Report Report, Verdict Verdict) : RunnerMessage(Report.Run);

/// <summary>A report got no answer.</summary>
internal sealed record ReportFailed(Report Report, Exception Error) : RunnerMessage(Report.Run);

/// <summary>A report is to be sent again.</summary>
internal sealed record ReportAgain(Report Report) : RunnerMessage(Report.Run);

/// <summary>A step that failed may be tried again.</summary>
internal sealed record RetryDue(JobRun Job, int Step) : RunnerMessage(Job);

/// <summary>Something that could not be read from the store may be read again.</summary>
internal sealed record RereadDue(JobRun Job, JobWork Work) : RunnerMessage(Job);

/// <summary>Time to find out whether the entity of a job that was set back answers again.</summary>
internal sealed record ProbeDue(EntityId Id) : RunnerMessage(Run: null);

/// <summary>Time to say how far the jobs are.</summary>
internal sealed record Tick() : RunnerMessage(Run: null);

/// <summary>Somebody wants to hear of a job.</summary>
internal sealed record Watch(EntityId Id, JobWatch Watcher) : RunnerMessage(Run: null)
{
    public override EntityId? About => Id;
}

/// <summary>Somebody has heard enough.</summary>
internal sealed record Unwatch(EntityId Id, JobWatch Watcher) : RunnerMessage(Run: null);

/// <summary>What the runner tells the entity of a job, again and again until there is an answer.</summary>
/// <param name="id">The job.</param>
/// <param name="command">The command.</param>
internal sealed class Report(EntityId id, ICommand<JobEntity, Verdict> command)
{
    public EntityId Id { get; } = id;

    public ICommand<JobEntity, Verdict> Command { get; } = command;

    /// <summary>The run that it is about; null if the job has ended.</summary>
    public JobRun? Run { get; init; }

    /// <summary>The work that led to it.</summary>
    public JobWork? Work { get; init; }

    /// <summary>What that work brought, to be used once it is durable.</summary>
    public object? Outcome { get; init; }

    /// <summary>The id of the command, the same each time that it is sent, unless it was refused or forgotten; null: a new one.</summary>
    public CommandId? CommandId { get; set; }

    public int Tries { get; set; }
}
