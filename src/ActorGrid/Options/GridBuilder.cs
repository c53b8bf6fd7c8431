using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql;
using ActorGrid.Sqlite;

namespace ActorGrid;

/// <summary>Says what a node of a grid consists of: its store, its entity types, its job types and its options. Each method returns the builder.</summary>
/// <remarks>Not safe to use from several threads at once.</remarks>
public sealed partial class GridBuilder
{
    private const string DefaultPath = "actorgrid.db";

    private readonly List<EntityType> _entities = [];
    private readonly List<JobType> _jobs = [];
    private readonly List<Action<GridOptions>> _configure = [];
    private Func<TimeProvider, GridOptions, IGridStore>? _store;

    internal GridBuilder()
    {
    }

    internal IReadOnlyList<EntityType> Entities => _entities;

    internal IReadOnlyList<JobType> Jobs => _jobs;

    internal IReadOnlyList<Action<GridOptions>> Configurations => _configure;

    /// <summary>How many appends at once the store has connections for.</summary>
    internal int CommitLanes { get; private set; } = 1;

    /// <summary>The SQLite file that the store would make if it were not there; null if the store is another.</summary>
    internal string? SqlitePath { get; private set; } = DefaultPath;

    /// <summary>Makes the store. Without a word about the store it is the SQLite file <c>actorgrid.db</c> in the working directory.</summary>
    internal Func<TimeProvider, GridOptions, IGridStore> Store => _store ?? ((_, options) => SqliteOf(DefaultPath, options));

    /// <summary>
    /// Keeps the grid in a SQLite file, which is made if it is not there, and its folder too. A grid of one node owns it alone; the nodes of several processes on this host share it.
    /// </summary>
    /// <param name="path">The path of the file, relative to the working directory of the process.</param>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public GridBuilder UseSqlite(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SetStore((_, options) => SqliteOf(path, options));
        SqlitePath = path;
        return this;
    }

    /// <summary>Keeps the grid in a PostgreSQL database, which nodes on any number of hosts share.</summary>
    /// <param name="connectionString">The connection string, as Npgsql takes it.</param>
    /// <param name="options">How the store works; the defaults if null.</param>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public GridBuilder UsePostgreSql(string connectionString, PostgreSqlStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        CommitLanes = (options ?? new PostgreSqlStoreOptions()).WriterConnectionsMax;
        return SetStore((time, _) => new PostgreSqlStore(connectionString, options, time));
    }

    /// <summary>Keeps the grid in memory: for tests and experiments. All of it is gone with the process.</summary>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public GridBuilder UseInMemory() => UseStore(static _ => new InMemoryStore());

    /// <summary>
    /// Keeps the grid in a store of one's own. The node opens it at its start and disposes it at its stop. For a grid of several nodes it has to be an <see cref="ISharedStore"/>.
    /// </summary>
    /// <param name="store">Makes the store; it is given the clock of the node.</param>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public GridBuilder UseStore(Func<TimeProvider, IGridStore> store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return SetStore((time, _) => store(time));
    }

    /// <summary>Adds an entity type whose commands, replies, events and state are stored as JSON.</summary>
    /// <param name="name">Its stable name: 1 to 64 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>.</param>
    /// <param name="json">Has a <c>[JsonSerializable]</c> for each command, each reply, the event base and the state.</param>
    /// <param name="options">How the entities are kept; the defaults if null.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <exception cref="EntityRegistrationException">Something is missing or named twice; the message says what to add or to change.</exception>
    /// <exception cref="ArgumentException">The name or an option is out of range, or the name or the class is there already.</exception>
    public GridBuilder AddEntity<TEntity>(string name, JsonSerializerContext json, EntityOptions? options = null)
        where TEntity : Entity, new() => AddEntity(EntityType.Create<TEntity>(name, json, options));

    /// <summary>Adds an entity type that was registered by hand, for example with codecs of its own.</summary>
    /// <exception cref="ArgumentException">Its name or its class is there already.</exception>
    public GridBuilder AddEntity(EntityType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (_entities.Find(t => t.Name == type.Name) is { } sameName)
        {
            throw new ArgumentException($"The entity types {sameName.EntityClass.Name} and {type.EntityClass.Name} are both named '{type.Name}': give one of them another name.", nameof(type));
        }
        if (_entities.Find(t => t.EntityClass == type.EntityClass) is { } sameClass)
        {
            throw new ArgumentException($"{type.EntityClass.Name} was added as '{sameClass.Name}' and as '{type.Name}': keep one.", nameof(type));
        }
        _entities.Add(type);
        return this;
    }

    /// <summary>Adds a job type.</summary>
    /// <param name="name">Its stable name: 1 to 50 lower-case letters, digits, <c>-</c>, <c>.</c> or <c>_</c>.</param>
    /// <param name="json">Has a <c>[JsonSerializable]</c> for the job, its part, its partial result and its result, as far as these have no codec of their own.</param>
    /// <param name="options">How the jobs are run; the defaults if null.</param>
    /// <param name="codecs">Codecs for those of the four types that shall not be stored as JSON.</param>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <exception cref="InvalidOperationException">A codec is missing; the message says what to add.</exception>
    /// <exception cref="ArgumentException">The name or an option is out of range, or the name or the class is there already.</exception>
    public GridBuilder AddJob<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.NonPublicConstructors)] TJob>(
        string name, JsonSerializerContext json, JobOptions? options = null, params MessageCodec[] codecs)
        where TJob : class
    {
        var type = JobType.Create<TJob>(name, json, options, codecs);
        if (_jobs.Find(t => t.Name == type.Name || t.JobClass == type.JobClass) is { } other)
        {
            throw new ArgumentException(
                $"The job types {other.JobClass.Name} ('{other.Name}') and {type.JobClass.Name} ('{type.Name}') share a name or a class: each must have its own.", nameof(name));
        }
        _jobs.Add(type);
        return this;
    }

    /// <summary>Sets options of the node; they are checked when it starts.</summary>
    public GridBuilder Configure(Action<GridOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _configure.Add(configure);
        return this;
    }

    private GridBuilder SetStore(Func<TimeProvider, GridOptions, IGridStore> store)
    {
        if (_store is not null) throw new InvalidOperationException("The grid has a store already: call one of UseSqlite, UsePostgreSql, UseInMemory and UseStore, once.");
        _store = store;
        SqlitePath = null;
        return this;
    }

    private SqliteStore SqliteOf(string path, GridOptions options) => new(new SqliteStoreOptions { Path = path, IsShared = options.Cluster.IsOn || Transport is not null });
}
