using System.Diagnostics;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>A piece of the work of a job that this node has in hand.</summary>
internal abstract class JobWork(JobRun run, int step, int attempt) : WorkItem(run.Id, step)
{
    public JobRun Run { get; } = run;

    public int Attempt { get; } = attempt;

    /// <summary>The number of its start, from 1, by which the job's entity knows this run of the step; 0: its start is not
    /// recorded.</summary>
    public int Start { get; set; }

    /// <summary>Its start is durable already.</summary>
    public bool IsAnnounced { get; init; }

    /// <summary>The other node that does it; null: this one.</summary>
    public GivenWork? Given { get; set; }

    /// <summary>The runner has stopped waiting for it: what it still brings does not count.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>How many units the attempt has reported.</summary>
    public virtual long UnitsDone => 0;

    public override bool IsPermanent(Exception error) => Run.Program?.IsPermanent(error) ?? true;

    public override Activity? StartSpan() => this is SplitWork or RunPartWork or ResultWork ? JobSpans.Work(this, Attempt, Run.Trace, ActivityKind.Internal) : null;
}

/// <summary>Loads what was submitted, and the parts if there are any yet.</summary>
/// <param name="run">The job.</param>
/// <param name="hasParts">Whether it has been split.</param>
internal sealed class OpenWork(JobRun run, bool hasParts) : JobWork(run, JobStep.Open, attempt: 1)
{
    public override async ValueTask<object> ExecuteAsync(IEventJournal journal)
    {
        var program = Run.Type?.Load(await ReadAsync(journal, JobAttachment.Job));
        if (!hasParts) return new Opened(program, Parts: null);
        return new Opened(program, PartList.Decode(await ReadAsync(journal, JobAttachment.Parts)));
    }
}

/// <summary>What <see cref="OpenWork"/> brings.</summary>
/// <param name="Program">Null: the job's type is not registered here.</param>
/// <param name="Parts">Null: it has not been split yet.</param>
internal sealed record Opened(JobProgram? Program, PartList? Parts);

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

    /// <summary>Another node that does it has reported so many units.</summary>
    public void Report(long unitsDone) => _context.Report(unitsDone);

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
/// <param name="Value">Null: another node has run it, and it is not decoded yet.</param>
/// <param name="Encoded">The same, encoded.</param>
internal sealed record Partial(object? Value, ReadOnlyMemory<byte> Encoded);

/// <summary>Reads the partial result of a part that is done.</summary>
internal sealed class ReadPartWork(JobRun run, int part, ReadOnlyMemory<byte>? encoded = null) : JobWork(run, part, attempt: 1)
{
    public override async ValueTask<object> ExecuteAsync(IEventJournal journal)
    {
        var partial = encoded ?? await ReadAsync(journal, JobAttachment.Partial(Step));
        return Run.Program!.DecodePartial(partial.Span);
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

/// <summary>Combines the partial results of all parts and makes the result, from the store. For another node: this one has no code for the
/// job.</summary>
internal sealed class FinishWork(JobRun run) : JobWork(run, JobStep.Combine, attempt: 1)
{
    public override ValueTask<object> ExecuteAsync(IEventJournal journal) =>
        throw new InvalidOperationException($"The type of {Job} is not registered here.");
}
