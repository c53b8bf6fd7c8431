using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>A node on one thread, over a store that outlives it: started, killed and started again as a test needs.</summary>
internal sealed class Rig
{
    private readonly InMemoryStore _memory = new();
    private IReadOnlyList<EntityType> _types;
    private readonly EntityHostOptions? _options;
    private IReadOnlyList<Subscription> _subscriptions;
    private ManualDispatcher _dispatcher = new();
    private int _lives;

    public Rig(IReadOnlyList<EntityType> types, EntityHostOptions? options = null, IReadOnlyList<Subscription>? subscriptions = null)
    {
        _subscriptions = subscriptions ?? [];
        _types = types;
        _options = options;
        Start();
    }

    public ManualClock Clock { get; private set; } = new();

    public FaultyStore Store { get; private set; } = null!;

    public ActorSystem System { get; private set; } = null!;

    /// <summary>What the host sees of <see cref="Store"/>.</summary>
    public TappedStore Tap { get; private set; } = null!;

    public EntityHost Host { get; private set; } = null!;

    public SubscriptionHost Subscriptions { get; private set; } = null!;

    public List<ShardId> LostShards { get; } = [];

    /// <summary>Called when a shard is lost, at the moment at which the host says so.</summary>
    public Action? WhenLost { get; set; }

    public IEventJournal Journal => _memory.Journal;

    public GridIdentity Grid { get; } = new("test", ShardCount: 2);

    /// <summary>The process dies: nothing that it had under way goes on. Then a new one starts.</summary>
    public void Restart(ManualClock? clock = null)
    {
        Clock = clock ?? Clock;
        _dispatcher = new ManualDispatcher();
        Start();
    }

    /// <summary>As <see cref="Restart"/>, with another version of the application.</summary>
    public void RestartWith(IReadOnlyList<EntityType> types, IReadOnlyList<Subscription>? subscriptions = null)
    {
        _types = types;
        _subscriptions = subscriptions ?? _subscriptions;
        Restart();
    }

    /// <summary>Starts a second node over the same store; the first one goes on and does not know.</summary>
    public EntityHost StartRival()
    {
        var system = NewSystem(_dispatcher);
        return _dispatcher.Run(async () =>
        {
            var subscriptions = new SubscriptionHost(system, _memory, _types, _subscriptions);
            var rival = await EntityHost.StartAsync(system, _memory, Grid, _types, _options, subscriptions: subscriptions);
            subscriptions.Start();
            return rival;
        });
    }

    public Task<TReply> Ask<TEntity, TReply>(string type, string key, ICommand<TEntity, TReply> command, AskOptions? options = null)
        where TEntity : Entity
        where TReply : notnull => Host.AskAsync(EntityId.Create(type, key), command, options);

    /// <summary>Asks, runs until nothing is left to do, and gives the reply.</summary>
    public TReply Do<TEntity, TReply>(string type, string key, ICommand<TEntity, TReply> command, AskOptions? options = null)
        where TEntity : Entity
        where TReply : notnull => Result(Ask(type, key, command, options));

    public void Run() => _dispatcher.RunUntilIdle();

    public void Run(Func<Task> work) => _dispatcher.Run(work);

    /// <summary>Starts something and does not wait for it.</summary>
    public Task Begin(Func<Task> work) => _dispatcher.Start(work);

    public void Advance(TimeSpan by) => Clock.Advance(by, _dispatcher);

    public T Result<T>(Task<T> task)
    {
        Run();
        Assert.True(task.IsCompleted, "The ask has not ended.");
        return task.GetAwaiter().GetResult();
    }

    public TException Failure<TException>(Task task)
        where TException : Exception
    {
        Run();
        Assert.True(task.IsCompleted, "The ask has not ended.");
        return Assert.IsType<TException>(task.Exception?.InnerException);
    }

    /// <summary>The call itself throws, before there is a task.</summary>
    public static void Refused<TException>(Func<Task> call)
        where TException : Exception
    {
        try
        {
            _ = call();
        }
        catch (TException)
        {
            return;
        }
        Assert.Fail($"There was no {typeof(TException).Name}.");
    }

    public IReadOnlyList<JournalEvent> History(string type, string key) =>
        [.. Now(Journal.ReadEntitiesAsync([new EntityRead(EntityId.Create(type, key), 0, int.MaxValue)], default))[0].Events.Select(e => e.Event)];

    /// <summary>The result of a call of the store in memory, which has ended when it returns.</summary>
    public static T Now<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted, "The call of the store has not ended.");
        return task.GetAwaiter().GetResult();
    }

    private void Start()
    {
        Store = new FaultyStore(_memory);
        Tap = new TappedStore(Store) { OnRead = Tap?.OnRead ?? (static _ => null) };
        var system = System = NewSystem(_dispatcher);
        _dispatcher.Run(async () =>
        {
            await Store.OpenAsync(Grid, default);
            Subscriptions = new SubscriptionHost(system, Tap, _types, _subscriptions);
            Host = await EntityHost.StartAsync(system, Tap, Grid, _types, _options, Lost, subscriptions: Subscriptions);
            Subscriptions.Start();
        });
    }

    private void Lost(ShardId shard)
    {
        LostShards.Add(shard);
        WhenLost?.Invoke();
    }

    private ActorSystem NewSystem(ManualDispatcher dispatcher) =>
        new(new ActorSystemOptions { Dispatcher = dispatcher, TimeProvider = Clock, Seed = ++_lives });
}
