using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;

namespace ActorGrid;

/// <summary>The grid, as an application uses it: asks entities, submits jobs, spawns local actors.</summary>
/// <remarks>
/// A singleton of the host's services, made by <c>AddActorGrid</c>. Safe to use from any thread, from when the host has started until it stops; outside of that
/// its members throw <see cref="InvalidOperationException"/>.
/// </remarks>
public interface IGrid
{
    /// <summary>The jobs: to submit, to find and to list.</summary>
    /// <exception cref="InvalidOperationException">The host has not started, or has stopped.</exception>
    JobClient Jobs { get; }

    /// <summary>The local actors of this node, for everything that needs no journal.</summary>
    /// <exception cref="InvalidOperationException">The host has not started, or has stopped.</exception>
    ActorSystem Actors { get; }

    /// <summary>Publish and subscribe over all nodes of the grid. The types of the messages are added with <c>AddTopicMessage</c>.</summary>
    /// <exception cref="InvalidOperationException">The host has not started, or has stopped.</exception>
    ITopics Topics { get; }

    /// <summary>The members of the grid and who owns which shard, as far as this node knows; null on a grid of one node in a store that no other can share. For people and for statistics: it may be out of date.</summary>
    /// <exception cref="InvalidOperationException">The host has not started, or has stopped.</exception>
    ClusterView? View { get; }

    /// <summary>A reference to an entity. It costs next to nothing, and says nothing about whether the entity was ever written.</summary>
    /// <param name="key">Which one: 1 to 256 characters, no control characters.</param>
    /// <typeparam name="TEntity">The entity class, added with <c>AddEntity</c>.</typeparam>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The class was not added, or the host has not started, or has stopped.</exception>
    EntityRef<TEntity> Entity<TEntity>(string key)
        where TEntity : Entity;

    /// <summary>The past of an entity: its state after any of its events, or at any time. It reads the store, and asks nobody.</summary>
    /// <param name="key">Which one: 1 to 256 characters, no control characters.</param>
    /// <typeparam name="TEntity">The entity class, added with <c>AddEntity</c>.</typeparam>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The class was not added, or the host has not started, or has stopped.</exception>
    EntityHistory History<TEntity>(string key)
        where TEntity : Entity;

    /// <summary>
    /// Submits a job. Once the task has ended, the job is durable and runs to its end, through restarts too. Idempotent by id: the same job under the same id is
    /// the job that is there already, whatever has become of it.
    /// </summary>
    /// <param name="job">The job, of a class added with <c>AddJob</c>.</param>
    /// <param name="id">1 to 200 characters, unique for the type; null: a new one.</param>
    /// <param name="cancellationToken">Ends the wait; the job may have been submitted all the same.</param>
    /// <typeparam name="TResult">What the job results in.</typeparam>
    /// <exception cref="ArgumentException">The id is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The class was not added, or the host has not started, or has stopped.</exception>
    /// <exception cref="JobPartException">The job is too large.</exception>
    /// <exception cref="JobConflictException">There is another job under this id.</exception>
    /// <exception cref="OverloadedException">The job's node has as many open jobs as it may have, or its shard as many commands; the job was not submitted.</exception>
    Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, string? id = null, CancellationToken cancellationToken = default)
        where TResult : notnull;

    /// <summary>Submits a job with a priority, and on behalf of somebody: as <see cref="SubmitAsync{TResult}(Job{TResult}, string?, CancellationToken)"/>.</summary>
    /// <param name="job">The job, of a class added with <c>AddJob</c>.</param>
    /// <param name="options">Its id, its priority and its submitter.</param>
    /// <param name="cancellationToken">Ends the wait; the job may have been submitted all the same.</param>
    /// <typeparam name="TResult">What the job results in.</typeparam>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The class was not added, or the host has not started, or has stopped.</exception>
    /// <exception cref="JobPartException">The job is too large.</exception>
    /// <exception cref="JobConflictException">There is another job under this id.</exception>
    /// <exception cref="OverloadedException">The job's node has as many open jobs as it may have, in all or of this submitter, or its shard as many commands; the job was not submitted.</exception>
    Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, SubmitOptions options, CancellationToken cancellationToken = default)
        where TResult : notnull;
}
