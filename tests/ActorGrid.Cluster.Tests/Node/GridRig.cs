using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

/// <summary>Whole nodes, on one thread, with one clock, over stores and a network in memory.</summary>
internal sealed class GridRig
{
    private static readonly WeightedRendezvous Allocation = new();

    private readonly InMemoryStore _store = new();
    private readonly InMemoryClusterStore _clusterStore;
    private int _systems;

    public GridRig(int shards = 16, IReadOnlyList<EntityType>? types = null)
    {
        Grid = new GridIdentity("test", shards);
        Types = types ?? [EntityType.Create<Tally>("tally", TallyJson.Default)];
        _clusterStore = new InMemoryClusterStore(Grid);
        Dispatcher.Run(() => _store.OpenAsync(Grid, default));
    }

    public GridIdentity Grid { get; }

    public IReadOnlyList<EntityType> Types { get; }

    public ManualDispatcher Dispatcher { get; } = new();

    public ManualClock Clock { get; } = new();

    public InMemoryNetwork Network { get; } = new();

    /// <summary>What the nodes have logged.</summary>
    public List<string> Log { get; } = [];

    public List<Node> Nodes { get; } = [];

    public Node Begin(
        string endpoint, ClusterOptions? options = null, IReadOnlyList<EntityType>? types = null, Action<Node>? prepare = null,
        string host = "host", CancellationToken cancellationToken = default)
    {
        var node = new Node(this, endpoint, host, options ?? new ClusterOptions(), types ?? Types, ++_systems, prepare, cancellationToken);
        Nodes.Add(node);
        return node;
    }

    /// <summary>Starts a node and waits until it is Up.</summary>
    public Node Start(string endpoint, ClusterOptions? options = null, IReadOnlyList<EntityType>? types = null)
    {
        var node = Begin(endpoint, options, types);
        Until(() => node.Starting.IsCompleted, TimeSpan.FromSeconds(30), $"{endpoint} is Up");
        _ = node.Cluster;
        return node;
    }

    public void Advance(TimeSpan by) => Clock.Advance(by, Dispatcher);

    public void Until(Func<bool> condition, TimeSpan within, string what)
    {
        var step = TimeSpan.FromMilliseconds(10);
        Dispatcher.RunUntilIdle();
        for (var waited = TimeSpan.Zero; !condition(); waited += step)
        {
            if (waited >= within) Assert.Fail($"It has not come about within {within} that {what}.\n{string.Join('\n', Log.TakeLast(100))}");
            Advance(step);
        }
    }

    public TimeSpan TimeUntil(Func<bool> condition, TimeSpan within, string what)
    {
        long from = Clock.GetTimestamp();
        Until(condition, within, what);
        return Clock.GetElapsedTime(from);
    }

    /// <summary>All running nodes agree, all shards have owners that are Up, nothing moves or is about to, and nothing is to be waited out.</summary>
    public bool IsWhole()
    {
        var up = Nodes.Where(n => n.IsRunning).ToList();
        var members = up.Where(n => n.Endpoint.Length > 0).Select(n => n.Cluster.Incarnation).ToHashSet();
        return up.All(n => IsWhole(n.Cluster.View, members)) && up.Select(n => n.Cluster.View.Version).Distinct().Count() == 1;
    }

    public void UntilWhole(TimeSpan? within = null) => Until(IsWhole, within ?? TimeSpan.FromSeconds(30), "the grid is whole");

    public T Result<T>(Task<T> task, TimeSpan? within = null)
    {
        Until(() => task.IsCompleted, within ?? TimeSpan.FromSeconds(15), "the ask has ended");
        return task.GetAwaiter().GetResult();
    }

    private static bool IsWhole(ClusterView view, HashSet<Guid> members) =>
        view.Members.Select(m => m.Incarnation).ToHashSet().SetEquals(members)
        && view.Members.All(m => m.Status == MemberStatus.Up)
        && view.Shards.All(s => members.Contains(s.Owner) && !s.IsMoving)
        && view.Revoked.IsEmpty
        && AllocationPlan.Fresh(view, Allocation).Moves.IsEmpty;

    public sealed class Node
    {
        private readonly GridRig _rig;
        private readonly IClusterStore _connection;
        private readonly ITransport _transport;

        public Node(
            GridRig rig, string endpoint, string host, ClusterOptions options, IReadOnlyList<EntityType> types, int seed, Action<Node>? prepare, CancellationToken cancellationToken)
        {
            _rig = rig;
            Endpoint = endpoint;
            Processor = new HeldDispatcher(rig.Dispatcher);
            System = new ActorSystem(new ActorSystemOptions { Dispatcher = Processor, TimeProvider = rig.Clock, Seed = seed, LoggerFactory = new TestLog(rig.Clock, endpoint, rig.Log) });
            _connection = rig._clusterStore.Connect();
            ClusterStore = new TappedClusterStore(_connection);
            Store = new FaultyStore(rig._store);
            _transport = rig.Network.Connect(endpoint, rig.Dispatcher);
            Boot = new TestBootClock(rig.Clock);
            Control = new HeldDispatcher(rig.Dispatcher);
            prepare?.Invoke(this);
            Starting = rig.Dispatcher.Start(() => ClusterNode.StartAsync(new ClusterSetting
            {
                System = System,
                Grid = rig.Grid,
                Store = Store,
                ClusterStore = ClusterStore,
                Transport = _transport,
                Host = host,
                BootClock = Boot,
                Types = types,
                Options = options,
                ControlDispatcher = Control,
            }, cancellationToken));
        }

        public string Endpoint { get; }

        public ActorSystem System { get; }

        public HeldDispatcher Processor { get; }

        /// <summary>Runs heartbeats and views.</summary>
        public HeldDispatcher Control { get; }

        public TappedClusterStore ClusterStore { get; }

        public FaultyStore Store { get; }

        public TestBootClock Boot { get; }

        public Task<ClusterNode> Starting { get; }

        public ClusterNode Cluster => Starting.GetAwaiter().GetResult();

        public bool IsRunning { get; private set; } = true;

        public int Owned => Cluster.View.Shards.Count(s => s.Owner == Cluster.Incarnation);

        public Task<int> Mark(string key, TimeSpan? timeout = null, string type = "tally") =>
            _rig.Dispatcher.Start(() => Cluster.Router.AskAsync(EntityId.Create(type, key), new Mark(), new AskOptions { Timeout = timeout }));

        public Task<int> Get(string key, TimeSpan? timeout = null, string type = "tally") =>
            _rig.Dispatcher.Start(() => Cluster.Router.AskAsync(EntityId.Create(type, key), new GetTally(), new AskOptions { Timeout = timeout }));

        /// <summary>The process is stopped for a while.</summary>
        public void Sleep()
        {
            Processor.Sleep();
            Control.Sleep();
        }

        public void Wake()
        {
            Control.Wake();
            Processor.Wake();
        }

        /// <summary>The process is killed: nothing of it goes on, its links are reset, its address refuses, the store sees it go.</summary>
        public void Kill()
        {
            IsRunning = false;
            Processor.IsDead = Control.IsDead = true;
            _rig._clusterStore.Disconnect(_connection);
            _rig.Dispatcher.Run(() => _transport.DisposeAsync().AsTask());
        }

        /// <summary>The machine is cut off and gone: nobody hears from it again, and nobody is told.</summary>
        public void Vanish()
        {
            IsRunning = false;
            Processor.IsDead = Control.IsDead = true;
            foreach (var other in _rig.Nodes.Where(n => n != this))
            {
                _rig.Network.Cut(Endpoint, other.Endpoint);
                _rig.Network.Cut(other.Endpoint, Endpoint);
            }
        }

        public void Stop(CancellationToken cancellationToken = default)
        {
            var stopping = _rig.Dispatcher.Start(() => Cluster.StopAsync(cancellationToken));
            _rig.Until(() => stopping.IsCompleted, TimeSpan.FromSeconds(30), $"{Endpoint} has stopped");
            stopping.GetAwaiter().GetResult();
            _rig.Dispatcher.Run(() => _transport.DisposeAsync().AsTask());
            IsRunning = false;
        }
    }
}
