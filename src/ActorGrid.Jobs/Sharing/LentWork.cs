using System.Diagnostics;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>A piece of work that this node does for another one.</summary>
internal sealed class LentWork(Guid giver, WorkGiven order, JobType type, JobPrograms programs) : WorkItem(order.Job, order.Step)
{
    private JobProgram? _program;
    private JobContext? _context;

    public Guid Giver { get; } = giver;

    public WorkGiven Order { get; } = order;

    /// <summary>The span of its job's run, over there; none: nobody follows it.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>It is with a worker.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Nobody waits for it any more; its worker may be busy with it all the same.</summary>
    public bool IsDropped { get; set; }

    /// <summary>What the giver was told of its end; null: it has not ended.</summary>
    public JobMessage? Answer { get; set; }

    /// <summary>When that was last sent, as a timestamp.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>What it brought, for as long as the giver may ask for it.</summary>
    public ReadOnlyMemory<byte> Outcome { get; set; }

    /// <summary>The code of the job was loaded; what fails from then on is the job's.</summary>
    public bool IsLoaded => Volatile.Read(ref _program) is not null;

    /// <summary>How many units it has reported.</summary>
    public long UnitsDone => Volatile.Read(ref _context)?.UnitsDone ?? 0;

    /// <summary>Whether it says nothing about the job that this failed: the store could not be read.</summary>
    public bool IsOfTheStore(Exception error) => error is StoreException && (!IsLoaded || Step == JobStep.Combine);

    public override bool IsPermanent(Exception error) => _program?.IsPermanent(error) ?? true;

    public override Activity? StartSpan() => JobSpans.Work(this, Order.Attempt, Trace, ActivityKind.Consumer);

    /// <inheritdoc/>
    /// <returns>The encoded outcome.</returns>
    public override async ValueTask<object> ExecuteAsync(IEventJournal journal)
    {
        var program = await programs.LoadAsync(type, Job, journal, Cancellation.Token);
        // A job that is split, or has an end to make, needs no part.
        var part = Step < 0 ? default : Order.Part ?? PartList.Decode(await ReadAsync(journal, JobAttachment.Parts)).Payload(Step);
        Volatile.Write(ref _program, program);
        switch (Step)
        {
            case JobStep.Split: return (await program.SplitAsync(Cancellation.Token)).Encoded;
            case JobStep.Combine: return await FinishAsync(program, journal);
            default:
                var context = new JobContext(JobAddress.IdOf(Job), Step, Order.Attempt, Cancellation.Token);
                Volatile.Write(ref _context, context);
                return program.EncodePartial(await program.RunAsync(part, context));
        }
    }

    /// <summary>Reads the partial results in the order of the parts, so that few wait to be combined, and makes the result.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> FinishAsync(JobProgram program, IEventJournal journal)
    {
        var tree = new CombineTree<object>(Order.Parts);
        for (int part = 0; part < Order.Parts; part++)
        {
            var encoded = await ReadAsync(journal, JobAttachment.Partial(part));
            var pair = tree.Put(new CombineNode(0, part), program.DecodePartial(encoded.Span));
            while (pair is { } two) pair = tree.Put(two.Into, program.Combine(two.Left, two.Right));
        }
        return program.EncodeResult(tree.Total);
    }
}
