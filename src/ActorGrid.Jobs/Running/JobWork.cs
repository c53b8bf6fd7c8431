using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>A piece of work for a worker: everything that runs user code, or decodes what user code made.</summary>
internal abstract class JobWork(JobRun run, int step, int attempt)
{
    public JobRun Run { get; } = run;

    /// <summary>The number of the part, or one of <see cref="JobStep"/>.</summary>
    public int Step { get; } = step;

    public int Attempt { get; } = attempt;

    /// <summary>The number of its start, from 1, by which the job's entity knows this run of the step; 0: its start is not
    /// recorded.</summary>
    public int Start { get; set; }

    /// <summary>Its start is durable already.</summary>
    public bool IsAnnounced { get; init; }

    /// <summary>Ends the attempt early. Never disposed, as it has no timer and may be cancelled when the work has just ended. Cancelled by
    /// an actor of its own, since what the job registered with the token runs within that call.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>The runner has stopped waiting for it: what it still brings does not count.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>How many units the attempt has reported.</summary>
    public virtual long UnitsDone => 0;

    /// <summary>Does it. Whatever it throws is the failure of the attempt.</summary>
    public abstract ValueTask<object> ExecuteAsync(IEventJournal journal);

    /// <summary>Whether what it threw would come back in every further attempt.</summary>
    public virtual bool IsPermanent(Exception error) => Run.Program?.IsPermanent(error) ?? true;

    protected static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        IEventJournal journal, EntityId job, string name, CancellationToken cancellationToken) =>
        await journal.ReadAttachmentAsync(job, name, cancellationToken)
            ?? throw new CodecException($"The attachment '{name}' of {job} is not in the journal.");
}

/// <summary>Loads what was submitted, and the parts if there are any yet.</summary>
internal sealed class OpenWork(JobRun run) : JobWork(run, JobStep.Open, attempt: 1)
{
    public override async ValueTask<object> ExecuteAsync(IEventJournal journal)
    {
        var program = Run.Type.Load(await ReadAsync(journal, Run.Id, JobAttachment.Job, Cancellation.Token));
        if (Run.Durable.Status == JobStatus.Splitting) return new Opened(program, Parts: null);
        return new Opened(program, PartList.Decode(await ReadAsync(journal, Run.Id, JobAttachment.Parts, Cancellation.Token)));
    }
}

/// <summary>What <see cref="OpenWork"/> brings.</summary>
internal sealed record Opened(JobProgram Program, PartList? Parts);

/// <summary>Splits the job.</summary>
internal sealed class SplitWork(JobRun run, int attempt) : JobWork(run, JobStep.Split, attempt)
{
    public override async ValueTask<object> ExecuteAsync(IEventJournal journal) => await Run.Program!.SplitAsync(Cancellation.Token);
}

/// <summary>Runs a part.</summary>
internal sealed class RunPartWork : JobWork
{
    private readonly JobContext _context;

    public RunPartWork(JobRun run, int part, int attempt)
        : base(run, part, attempt) => _context = new JobContext(JobAddress.IdOf(run.Id), part, attempt, Cancellation.Token);

    /// <inheritdoc/>
    public override long UnitsDone => HasRun ? Run.Parts!.Weight(Step) : Math.Clamp(_context.UnitsDone, 0, Run.Parts!.Weight(Step));

    /// <summary>It went well, and its partial result waits to become durable.</summary>
    public bool HasRun { get; set; }

    public override async ValueTask<object> ExecuteAsync(IEventJournal journal)
    {
        object partial = await Run.Program!.RunAsync(Run.Parts!.Payload(Step), _context);
        // Encoded at once: a combination may change the object later.
        return new Partial(partial, Run.Program.EncodePartial(partial));
    }
}

/// <summary>What <see cref="RunPartWork"/> brings.</summary>
internal sealed record Partial(object Value, ReadOnlyMemory<byte> Encoded);

/// <summary>Reads the partial result of a part that is done.</summary>
internal sealed class ReadPartWork(JobRun run, int part) : JobWork(run, part, attempt: 1)
{
    public override async ValueTask<object> ExecuteAsync(IEventJournal journal)
    {
        var encoded = await ReadAsync(journal, Run.Id, JobAttachment.Partial(Step), Cancellation.Token);
        return Run.Program!.DecodePartial(encoded.Span);
    }
}

/// <summary>Combines two neighbours.</summary>
internal sealed class CombineWork(JobRun run, CombineNode into, object left, object right) : JobWork(run, JobStep.Combine, attempt: 1)
{
    public CombineNode Into { get; } = into;

    public override ValueTask<object> ExecuteAsync(IEventJournal journal) => new(Run.Program!.Combine(left, right));
}

/// <summary>Makes and encodes the result.</summary>
internal sealed class ResultWork(JobRun run, object? total) : JobWork(run, JobStep.Combine, attempt: 1)
{
    public override ValueTask<object> ExecuteAsync(IEventJournal journal) => new(Run.Program!.EncodeResult(total));
}
