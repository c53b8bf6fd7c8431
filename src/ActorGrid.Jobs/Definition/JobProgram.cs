using System.Buffers;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>The code of one job, decoded and without its type arguments: what the runner and its workers call.</summary>
/// <remarks>Safe to use from any thread as far as the job's own methods are. All of it runs user code, so all of it runs on
/// workers.</remarks>
internal abstract class JobProgram
{
    public abstract ValueTask<PartList> SplitAsync(CancellationToken cancellationToken);

    public abstract ValueTask<object> RunAsync(ReadOnlyMemory<byte> part, JobContext context);

    public abstract ReadOnlyMemory<byte> EncodePartial(object partial);

    public abstract object DecodePartial(ReadOnlySpan<byte> partial);

    public abstract object Combine(object left, object right);

    /// <summary>Encodes the result of a total; null stands for no parts.</summary>
    public abstract ReadOnlyMemory<byte> EncodeResult(object? total);

    public abstract bool IsPermanent(Exception exception);
}

/// <inheritdoc cref="JobType"/>
internal sealed class JobType<TPart, TPartial, TResult>(
    string name, JobOptions options, MessageCodec job, MessageCodec<TPart> part, MessageCodec<TPartial> partial,
    MessageCodec<TResult> result)
    : JobType(name, options, job.MessageType)
    where TPart : notnull
    where TPartial : notnull
    where TResult : notnull
{
    internal override ReadOnlyMemory<byte> EncodeJob(object submission)
    {
        var output = new ArrayBufferWriter<byte>(256);
        job.EncodeObject(submission, output);
        JobLimits.CheckPayload($"The submission of the job '{Name}'", output.WrittenCount);
        return output.WrittenMemory;
    }

    internal override JobProgram Load(ReadOnlyMemory<byte> submission) =>
        new Program((Job<TPart, TPartial, TResult>)job.DecodeObject(submission.Span), part, partial, result);

    internal override T DecodeResult<T>(ReadOnlyMemory<byte> payload)
    {
        CheckResult<T>();
        return ((MessageCodec<T>)(object)result).Decode(payload.Span);
    }

    internal override void CheckResult<T>()
    {
        if (typeof(T) != typeof(TResult))
        {
            throw new InvalidCastException($"The job '{Name}' results in {typeof(TResult)}, not in {typeof(T)}.");
        }
    }

    internal override JobHandle HandleOf(JobConnection connection, EntityId entity) => new JobHandle<TResult>(connection, this, entity);

    private sealed class Program(
        Job<TPart, TPartial, TResult> job, MessageCodec<TPart> partCodec, MessageCodec<TPartial> partialCodec,
        MessageCodec<TResult> resultCodec)
        : JobProgram
    {
        public override async ValueTask<PartList> SplitAsync(CancellationToken cancellationToken)
        {
            var parts = await job.SplitAsync(cancellationToken);
            return PartList.Encode(parts, job.Weight, partCodec);
        }

        public override async ValueTask<object> RunAsync(ReadOnlyMemory<byte> part, JobContext context) =>
            NotNull(await job.RunAsync(partCodec.Decode(part.Span), context), "RunAsync");

        public override ReadOnlyMemory<byte> EncodePartial(object partial)
        {
            var output = new ArrayBufferWriter<byte>(256);
            partialCodec.EncodeObject(partial, output);
            JobLimits.CheckPayload("The partial result", output.WrittenCount);
            return output.WrittenMemory;
        }

        public override object DecodePartial(ReadOnlySpan<byte> partial) =>
            NotNull(partialCodec.DecodeObject(partial), "the codec of the partial results");

        public override object Combine(object left, object right) => NotNull(job.Combine((TPartial)left, (TPartial)right), "Combine");

        public override ReadOnlyMemory<byte> EncodeResult(object? total)
        {
            var value = job.Result(total is null ? job.Empty() : (TPartial)total);
            NotNull(value, "Result");
            var output = new ArrayBufferWriter<byte>(256);
            resultCodec.Encode(value, output);
            JobLimits.CheckPayload("The result", output.WrittenCount);
            return output.WrittenMemory;
        }

        public override bool IsPermanent(Exception exception) => job.IsPermanent(exception);

        /// <summary>Null says that there is nothing yet, so it cannot be a value.</summary>
        private object NotNull(object? value, string source) => value ?? throw new JobPartException(
            $"{job.GetType().Name}: {source} has returned null; let it return a value that stands for nothing.", isPermanent: true);
    }
}
