using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>The jobs of a node: their entity type, their runner and its workers.</summary>
/// <remarks>
/// Made before the node's entities, since these report to its runner; started after them, since it asks them; stopped before them. Its
/// methods are called by one caller, one after the other.
/// </remarks>
public sealed class JobHost : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly IReadOnlyList<JobType> _types;
    private readonly List<Dispatcher> _ownDispatchers = [];
    private readonly ActorRef<RunnerMessage> _runner;
    private readonly JobRunnerOptions _options;
    private readonly OpenJobs _open;
    private volatile bool _isStopping;

    /// <summary>Starts the runner, which waits for <see cref="Start(IEntityRouter, IEventJournal)"/>.</summary>
    /// <param name="system">Where it lives.</param>
    /// <param name="types">The jobs that the node can run.</param>
    /// <param name="options">How it runs them; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed, or two types share a name or a class.</exception>
    public JobHost(ActorSystem system, IReadOnlyList<JobType> types, JobRunnerOptions? options = null)
    {
        JobMetrics.Publish();
        options ??= new JobRunnerOptions();
        options.Check();
        foreach (var type in types)
        {
            if (types.Any(other => other != type && (other.Name == type.Name || other.JobClass == type.JobClass)))
                throw new ArgumentException(
                    $"The job '{type.Name}' ({type.JobClass}) shares its name or its class with another one: register each once.",
                    nameof(types));
        }
        _system = system;
        _types = types;
        _options = options;
        var byName = types.ToDictionary(type => type.Name, StringComparer.Ordinal);
        var dispatchers = Enumerable.Range(0, options.Workers).Select(DispatcherOf).ToList();
        _runner = system.Spawn(() => new JobRunner(byName, options, dispatchers), "jobs");
        _open = new OpenJobs(options, system);
        EntityType = EntityType.Create(
            JobAddress.EntityType, new JobEntity(_open), JobJson.Default,
            new EntityOptions<JobState> { OnDurable = OnDurable, OnLeft = OnLeft });
    }

    /// <summary>The entity type of all jobs where no job is run: to read their histories, for example in a preflight.</summary>
    public static EntityType CreateHistoryType() => EntityType.Create<JobEntity>(JobAddress.EntityType, JobJson.Default);

    /// <summary>The entity type of all jobs, to be registered with the node; it is called <c>job</c>.</summary>
    public EntityType EntityType { get; }

    /// <summary>Begins with the work, that of jobs submitted to earlier processes first of all.</summary>
    /// <param name="router">How the job entities are asked.</param>
    /// <param name="journal">The journal that they write to.</param>
    public JobClient Start(IEntityRouter router, IEventJournal journal)
    {
        _runner.Tell(new Begin(router, journal, Cluster: null));
        return new JobClient(new JobConnection(_system, router, journal, _runner), _types);
    }

    /// <summary>
    /// Begins with the work on a node of a cluster, of which the host's <see cref="EntityType"/> has to be one of the types. The jobs whose
    /// entities live here are in hand here; their parts run on the free workers of all members that have registered the type of the job. One worker
    /// more than <see cref="JobRunnerOptions.Workers"/> runs no parts: it loads, splits and combines the jobs of this node.
    /// </summary>
    /// <param name="node">The node, started; a client, too. It is stopped after the host.</param>
    /// <param name="journal">The journal of the grid.</param>
    public JobClient Start(ClusterNode node, IEventJournal journal) => Start(node.Router, journal, new ClusterPeers(node));

    internal JobClient Start(IEntityRouter router, IEventJournal journal, IJobPeers peers)
    {
        _runner.Tell(new Begin(router, journal, new JobCluster(peers, DispatcherOf(_options.Workers))));
        return new JobClient(new JobConnection(_system, router, journal, _runner), _types);
    }

    /// <summary>
    /// Gives out no more work and cancels the running parts, then waits until they have returned. Jobs that are not finished go on at the
    /// next start of a node. Who waits for a job gets an <see cref="ObjectDisposedException"/>. Idempotent.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait: for a part that ignores its token.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!_runner.HasStopped && !_isStopping) _runner.TryTell(new Halt());
        _isStopping = true;
        await _runner.WhenStoppedAsync(cancellationToken);
        foreach (var dispatcher in _ownDispatchers) await dispatcher.DisposeAsync();
    }

    /// <summary>Stops without a bound on the wait.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>What becomes durable while the runner stops or later is learned at the next start.</summary>
    private void OnDurable(EntityId id, JobState state)
    {
        if (state.IsUnfinished) _open.Confirm(id, state.Submitter ?? "");
        else _open.Leave(id);
        if (!_isStopping) _runner.TryTell(new JobChanged(id, state));
    }

    private void OnLeft(EntityId id)
    {
        _open.Leave(id);
        if (!_isStopping) _runner.TryTell(new JobLeft(id));
    }

    private Dispatcher DispatcherOf(int number) => _options.WorkerDispatcher?.Invoke(number) ?? OwnDispatcher(number);

    private DedicatedThreadDispatcher OwnDispatcher(int number)
    {
        var dispatcher = new DedicatedThreadDispatcher($"{_system.Name}-job-{number}");
        _ownDispatchers.Add(dispatcher);
        return dispatcher;
    }
}
