using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>Submits jobs and finds them again.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public sealed class JobClient
{
    private const int PageSize = 32;
    private readonly JobConnection _connection;
    private readonly IReadOnlyList<JobType> _types;

    internal JobClient(JobConnection connection, IReadOnlyList<JobType> types)
    {
        _connection = connection;
        _types = types;
    }

    /// <summary>
    /// Submits a job. Once the task has ended, the job is durable and will be run to its end. Idempotent by id: the same job under the same
    /// id is the job that is there already, whatever has become of it.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="id">1 to 200 characters, unique for the type; null: a new one.</param>
    /// <param name="cancellationToken">Ends the wait; the job may have been submitted all the same.</param>
    /// <typeparam name="TResult">What the job results in.</typeparam>
    /// <exception cref="ArgumentException">The id is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The class of the job is not registered.</exception>
    /// <exception cref="JobPartException">The job is too large.</exception>
    /// <exception cref="JobConflictException">There is another job under this id.</exception>
    /// <exception cref="Actors.OverloadedException">The job's node has as many open jobs as it may have, or its shard as many commands; the job was not submitted.</exception>
    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, string? id = null, CancellationToken cancellationToken = default)
        where TResult : notnull => SubmitAsync(job, new SubmitOptions { Id = id }, cancellationToken);

    /// <summary>As <see cref="SubmitAsync{TResult}(Job{TResult}, string?, CancellationToken)"/>, with more to say about it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">Its id, its priority and its submitter.</param>
    /// <param name="cancellationToken">Ends the wait; the job may have been submitted all the same.</param>
    /// <typeparam name="TResult">What the job results in.</typeparam>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The class of the job is not registered.</exception>
    /// <exception cref="JobPartException">The job is too large.</exception>
    /// <exception cref="JobConflictException">There is another job under this id.</exception>
    /// <exception cref="Actors.OverloadedException">The job's node has as many open jobs as it may have, in all or of this submitter, or its shard as many commands; the job was not submitted.</exception>
    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, SubmitOptions options, CancellationToken cancellationToken = default)
        where TResult : notnull
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var type = _types.FirstOrDefault(type => type.JobClass == job.GetType()) ?? throw new InvalidOperationException(
            $"The job class {job.GetType().Name} is not registered on this node: "
            + $"add .AddJob<{job.GetType().Name}>(\"a-stable-name\", ...) to the grid.");
        string id = options.Id ?? CommandId.New(_connection.System.Time.GetUtcNow(), _connection.System.Random).ToString();
        var entity = JobAddress.Of(type.Name, id);
        var encoded = type.EncodeJob(job);
        var command = new SubmitJob(
            Convert.ToHexStringLower(SHA256.HashData(encoded.Span)), JobPolicy.Of(type.Options), encoded, options.Priority,
            options.Submitter.Length > 0 ? options.Submitter : null, MayRefuse: true);
        var caller = Activity.Current?.Context ?? default;
        return JobCall<JobHandle<TResult>>.RunAsync(_connection.System, () => JobSpans.SubmitAsync(entity, caller, async trace =>
        {
            try
            {
                var reply = await _connection.Router.AskAsync(entity, trace is null ? command : command with { Trace = trace }, cancellationToken: cancellationToken);
                if (reply.Refused is { } full)
                {
                    var retryAfter = TimeSpan.FromMilliseconds(Math.Clamp(full.RetryAfterMs, 1, 3_600_000));
                    throw new Actors.OverloadedException(entity.ToString(), full.Bound, full.Limit, full.Option, retryAfter);
                }
                return new JobHandle<TResult>(_connection, type, entity);
            }
            catch (CommandRejectedException rejected)
            {
                throw new JobConflictException(rejected.Reason);
            }
        }));
    }

    /// <summary>Finds a job by its id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="type">The name of its type; null: the first registered type that has a job of this id.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The job, or null if there is none.</returns>
    /// <exception cref="ArgumentException">The id is not allowed, or the type is not registered.</exception>
    public Task<JobHandle?> FindAsync(string id, string? type = null, CancellationToken cancellationToken = default)
    {
        var places = TypesOf(type).Select(type => (Type: type, Entity: JobAddress.Of(type.Name, id))).ToList();
        return JobCall<JobHandle?>.RunAsync(_connection.System, async () =>
        {
            foreach (var place in places)
            {
                var found = await _connection.GetAsync(place.Entity, cancellationToken);
                if (found is not null) return place.Type.HandleOf(_connection, place.Entity);
            }
            return null;
        });
    }

    /// <summary>Lists jobs, a page at a time, in the ordinal order of type and id.</summary>
    /// <param name="type">Only of this type; null: of all types, those not registered here included.</param>
    /// <param name="status">Only those in this stage; null: all.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public async IAsyncEnumerable<JobInfo> ListAsync(
        string? type = null, JobStatus? status = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string prefix = type is null ? "" : JobAddress.KeyPrefix(type);
        for (string? after = prefix; after is not null;)
        {
            string from = after;
            var page = await JobCall<Page>.RunAsync(_connection.System, () => ReadPageAsync(prefix, from, cancellationToken));
            foreach (var job in page.Jobs)
            {
                if (status is null || job.Status == status) yield return job;
            }
            after = page.Last;
        }
    }

    private async Task<Page> ReadPageAsync(string prefix, string after, CancellationToken cancellationToken)
    {
        var keys = await _connection.Journal.ListEntitiesAsync(
            JobAddress.EntityType, after.Length == 0 ? null : after, PageSize, cancellationToken);
        var wanted = keys.TakeWhile(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        var asked = wanted.Select(key => _connection.GetAsync(new EntityId(JobAddress.EntityType, key), cancellationToken)).ToList();
        var jobs = new List<JobInfo>();
        foreach (var one in asked)
        {
            if (await one is { } job) jobs.Add(job);
        }
        return new Page(jobs, wanted.Count < PageSize ? null : wanted[^1]);
    }

    /// <summary>Some jobs, and the key after which the next are listed; null after the last.</summary>
    private sealed record Page(IReadOnlyList<JobInfo> Jobs, string? Last);

    private IReadOnlyList<JobType> TypesOf(string? name)
    {
        if (name is null) return _types;
        var type = _types.FirstOrDefault(type => type.Name == name)
            ?? throw new ArgumentException(
                $"There is no job type '{name}'; registered are: {string.Join(", ", _types.Select(type => type.Name))}.", nameof(name));
        return [type];
    }
}
