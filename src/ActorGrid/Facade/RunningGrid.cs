using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;

namespace ActorGrid;

/// <summary>The grid as seen from one node while that runs.</summary>
internal sealed class RunningGrid(GridBuilder builder, IEntityRouter router, IEventJournal journal, JobClient jobs, ActorSystem actors, ITopics topics, ClusterNode? cluster) : IGrid
{
    private readonly Dictionary<Type, EntityType> _types = builder.Entities.ToDictionary(type => type.EntityClass);

    public JobClient Jobs => jobs;

    public ActorSystem Actors => actors;

    public ITopics Topics => topics;

    public ClusterView? View => cluster?.View;

    public EntityRef<TEntity> Entity<TEntity>(string key)
        where TEntity : Entity => new(router, IdOf<TEntity>(key));

    public EntityHistory History<TEntity>(string key)
        where TEntity : Entity => new(journal, TypeOf<TEntity>(), key);

    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, string? id = null, CancellationToken cancellationToken = default)
        where TResult : notnull => jobs.SubmitAsync(job, id, cancellationToken);

    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, SubmitOptions options, CancellationToken cancellationToken = default)
        where TResult : notnull => jobs.SubmitAsync(job, options, cancellationToken);

    /// <summary>The address of an entity.</summary>
    public EntityId IdOf<TEntity>(string key)
        where TEntity : Entity
    {
        var type = TypeOf<TEntity>();
        EntityId.CheckKey(key);
        return new EntityId(type.Name, key);
    }

    /// <summary>The entity type of a class.</summary>
    public EntityType TypeOf<TEntity>()
        where TEntity : Entity => _types.GetValueOrDefault(typeof(TEntity)) ?? throw new InvalidOperationException(
        $"{typeof(TEntity).Name} is not an entity type of this grid: add .AddEntity<{typeof(TEntity).Name}>(\"a-stable-name\", ...) in AddActorGrid.");
}
