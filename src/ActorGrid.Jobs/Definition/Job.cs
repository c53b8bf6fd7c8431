namespace ActorGrid.Jobs;

/// <summary>A job with a result of a given type. Derive from <see cref="Job{TPart, TPartial, TResult}"/>.</summary>
/// <typeparam name="TResult">What the job results in.</typeparam>
public abstract record Job<TResult>
    where TResult : notnull
{
    private protected Job()
    {
    }
}

/// <summary>
/// A job: work that is split into parts, which run side by side and whose partial results are combined into one. The record itself is
/// the submission: its properties say what is to be done, and are stored with the job. It must not hold anything that does not survive
/// encoding.
/// </summary>
/// <remarks>
/// <para>Each method runs on a worker of the node, never on the dispatcher of the entities: it may compute for long, block, or
/// await.</para>
/// <para>A part may run more than once: after a failure, or when its process died before the part's result was durable. Its partial result
/// counts exactly once.</para>
/// <para>The object is decoded anew after a restart, and used by several workers at a time: its methods must be safe to call side by
/// side.</para>
/// </remarks>
/// <typeparam name="TPart">What a part is told to do: small, since all parts are kept in memory, encoded, while the job runs.</typeparam>
/// <typeparam name="TPartial">What a part results in, and what several parts combine into.</typeparam>
/// <typeparam name="TResult">What the job results in.</typeparam>
public abstract record Job<TPart, TPartial, TResult> : Job<TResult>, IJobShape
    where TPart : notnull
    where TPartial : notnull
    where TResult : notnull
{
    /// <summary>Splits the job into parts, at most <see cref="JobLimits.PartsMax"/>. May do I/O. Runs until it ends well once; the parts
    /// are then stored.</summary>
    /// <param name="cancellationToken">Is cancelled when the job is.</param>
    public abstract ValueTask<IReadOnlyList<TPart>> SplitAsync(CancellationToken cancellationToken);

    /// <summary>Does one part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="context">Its number, its attempt, its cancellation, and where it reports its progress.</param>
    public abstract ValueTask<TPartial> RunAsync(TPart part, JobContext context);

    /// <summary>
    /// Combines two partial results, those of earlier parts on the left. Must be associative; need not be commutative, since the order of
    /// parts is kept. May change and return one of its arguments: both are used no more afterwards.
    /// </summary>
    public abstract TPartial Combine(TPartial left, TPartial right);

    /// <summary>Makes the result from the combination of all partial results.</summary>
    public abstract TResult Result(TPartial total);

    /// <summary>What <see cref="Result"/> is given when the job was split into no parts. By default such a job fails.</summary>
    public virtual TPartial Empty() =>
        throw new JobPartException(
            $"{GetType().Name} was split into no parts, and it does not override Empty(), which says what that amounts to.",
            isPermanent: true);

    /// <summary>How much work a part is, in units of the job's own choice, for example bytes: for progress, rate and time left. By default
    /// 1.</summary>
    /// <returns>From 0 on. Called once, when the job has been split.</returns>
    public virtual long Weight(TPart part) => 1;

    /// <summary>Whether a failure would come back in every further attempt, so that the job fails at once. By default only what
    /// <see cref="JobPartException"/> marks so.</summary>
    public virtual bool IsPermanent(Exception exception) => exception is JobPartException { IsPermanent: true };

    JobType IJobShape.CreateType<TJob>(string name, JobCodecs codecs, JobOptions options) =>
        new JobType<TPart, TPartial, TResult>(
            name, options, codecs.Require<TJob>("job"), codecs.Require<TPart>("part"), codecs.Require<TPartial>("partial result"),
            codecs.Require<TResult>("result"));
}
