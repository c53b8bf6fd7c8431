using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>A kind of job that a node can run: its name, its codecs and its options.</summary>
/// <remarks>Immutable, safe to use from any thread.</remarks>
public abstract class JobType
{
    private protected JobType(string name, JobOptions options, Type jobClass)
    {
        Name = name;
        Options = options;
        JobClass = jobClass;
    }

    /// <summary>The stable name of the type.</summary>
    public string Name { get; }

    /// <summary>How its jobs are run.</summary>
    public JobOptions Options { get; }

    /// <summary>The class of its jobs.</summary>
    public Type JobClass { get; }

    /// <summary>Makes a job type.</summary>
    /// <typeparam name="TJob">The class of the jobs, derived from <see cref="Job{TPart, TPartial, TResult}"/>.</typeparam>
    /// <param name="name">The stable name, which stands for the type in the journal: 1 to 50 lower-case ASCII letters, digits, <c>-</c>,
    /// <c>.</c> and <c>_</c>.</param>
    /// <param name="json">Holds the job, the part, the partial result and the result; what has a codec of its own may be missing.</param>
    /// <param name="options">How the jobs are run; null: the defaults.</param>
    /// <param name="codecs">Codecs for any of the four types, to be used in the place of JSON.</param>
    /// <exception cref="ArgumentException">The name or an option is not allowed.</exception>
    /// <exception cref="InvalidOperationException">A codec is missing; the message names the line to add.</exception>
    public static JobType Create<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.NonPublicConstructors)] TJob>(
        string name, JsonSerializerContext json, JobOptions? options = null, params MessageCodec[] codecs)
        where TJob : class
    {
        EntityId.CheckType(name);
        if (name.Length > JobLimits.TypeNameLengthMax)
        {
            throw new ArgumentException(
                $"The job name '{name}' has {name.Length} characters; at most {JobLimits.TypeNameLengthMax} are allowed.", nameof(name));
        }
        options ??= new JobOptions();
        options.Check();
        if (typeof(TJob).IsAbstract || !typeof(TJob).IsAssignableTo(typeof(IJobShape)))
        {
            throw new ArgumentException(
                $"{typeof(TJob)} is not a job: derive it from Job<TPart, TPartial, TResult>, and let it not be abstract.", nameof(name));
        }
        var shape = (IJobShape)RuntimeHelpers.GetUninitializedObject(typeof(TJob));
        return shape.CreateType<TJob>(name, new JobCodecs(name, json, codecs), options);
    }

    /// <summary>Encodes a submission.</summary>
    /// <exception cref="JobPartException">It is too large.</exception>
    internal abstract ReadOnlyMemory<byte> EncodeJob(object job);

    /// <summary>Decodes a submission, ready to be run.</summary>
    internal abstract JobProgram Load(ReadOnlyMemory<byte> job);

    /// <summary>Decodes a result.</summary>
    internal abstract TResult DecodeResult<TResult>(ReadOnlyMemory<byte> result)
        where TResult : notnull;

    /// <summary>Checks that this is what the jobs result in.</summary>
    /// <exception cref="InvalidCastException">It is not.</exception>
    internal abstract void CheckResult<TResult>()
        where TResult : notnull;

    /// <summary>A handle that knows the type of the result.</summary>
    internal abstract JobHandle HandleOf(JobConnection connection, EntityId entity);
}

/// <summary>How a job class tells its type arguments; asked of an instance whose constructor never ran, which must not be
/// touched.</summary>
internal interface IJobShape
{
    JobType CreateType<TJob>(string name, JobCodecs codecs, JobOptions options)
        where TJob : class;
}
