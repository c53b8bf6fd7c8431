using System.Collections.Immutable;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

/// <summary>A steward with real shards, whose views, leases and links a test makes.</summary>
internal sealed class StewardRig
{
    public static readonly Guid Us = new(1, 0, 0, new byte[8]), Other = new(2, 0, 0, new byte[8]);
    public static readonly EntityId Entity = EntityId.Create("counter", "a");

    private readonly InMemoryStore _memory = new();
    private readonly IClusterStore _connection;
    private readonly ActorRef<IStewardMessage> _steward;
    private readonly CommandIdSource _ids;

    public StewardRig(int shards = 4, int handoverBytesMax = 1 << 20)
    {
        Grid = new GridIdentity("test", shards);
        _connection = new InMemoryClusterStore(Grid).Connect();
        Dispatcher.Run(() => _memory.OpenAsync(Grid, default));
        Store = new FaultyStore(_memory);
        ClusterStore = new TappedClusterStore(_connection);
        var system = new ActorSystem(new ActorSystemOptions { Dispatcher = Dispatcher, TimeProvider = Clock, Seed = 1 });
        System = system;
        var boot = new TestBootClock(Clock);
        Tap = new RaiseTap(Store);
        Parts = new NodeParts(new ClusterSetting
        {
            System = system,
            Grid = Grid,
            Store = Tap,
            ClusterStore = ClusterStore,
            Transport = new InMemoryNetwork().Connect("us", Dispatcher),
            BootClock = boot,
            Types = [EntityType.Create<Counter>("counter", CounterJson.Default)],
            Options = new ClusterOptions { HandoverBytesMax = handoverBytesMax },
        });
        Lease = new LeaseTrust(Clock, boot, TimeSpan.FromDays(1));
        Lease.Renewed(Lease.Now, new LeaseRenewal(1, 0, IsRevoked: false), wasAway: false);
        View = ClusterView.Empty(Grid);
        Standing = new Standing(Us, View, Lease);
        Parts.Standing = Standing;
        _ids = new CommandIdSource(Clock, system.Random);
        Host = ShardsOfNode.Start(Parts, Parts.Types);
        var node = system.Spawn(() => new Collector<INodeMessage>(Told));
        _steward = system.Spawn(() => new StewardActor(Parts, Host, Standing, node));
        Parts.Steward = _steward;
        var roles = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("counter", "");
        foreach (var id in new[] { Us, Other })
        {
            var member = new Member { Incarnation = id, Name = $"{id}", Endpoint = $"{id}", Status = MemberStatus.Joining };
            Write(view => Transitions.Up(Transitions.Join(view, member, roles), id));
        }
    }

    public GridIdentity Grid { get; }

    public ManualDispatcher Dispatcher { get; } = new();

    public ManualClock Clock { get; } = new();

    public FaultyStore Store { get; }

    public RaiseTap Tap { get; }

    public TappedClusterStore ClusterStore { get; }

    public IEventJournal Journal => _memory.Journal;

    public ActorSystem System { get; }

    public NodeParts Parts { get; }

    public LeaseTrust Lease { get; }

    public Standing Standing { get; }

    public ShardHost Host { get; }

    /// <summary>The view in the store.</summary>
    public ClusterView View { get; private set; }

    public List<INodeMessage> Told { get; } = [];

    public IReadOnlyList<ShardReady> Ready => [.. Told.OfType<ShardReady>()];

    /// <summary>The shard of the entity.</summary>
    public ShardId Shard => new(ShardId.Of(Entity, Grid.ShardCount).Value);

    public void Run() => Dispatcher.RunUntilIdle();

    public void Advance(double milliseconds) => Clock.Advance(TimeSpan.FromMilliseconds(milliseconds), Dispatcher);

    /// <summary>Changes the view in the store; the node does not know.</summary>
    public void Write(Func<ClusterView, ClusterView> change)
    {
        View = Transitions.Seal(View, change(View));
        var written = _connection.WriteViewAsync(View, [], default);
        Assert.True(written.IsCompletedSuccessfully);
    }

    /// <summary>The node learns of the view.</summary>
    public void Tell()
    {
        Standing.View = View;
        _steward.Tell(new ViewChanged(Standing, View));
        Run();
    }

    public void Change(Func<ClusterView, ClusterView> change)
    {
        Write(change);
        Tell();
    }

    public void Send(IStewardMessage message)
    {
        _steward.Tell(message);
        Run();
    }

    public void OwnAll(Guid owner) =>
        Change(view => Transitions.Assign(view, [.. Enumerable.Range(0, Grid.ShardCount).Select(i => new Placement(new ShardId(i), owner))]));

    public void Move(Guid to) => Change(view => Transitions.Move(view, [new Placement(Shard, to)]));

    public void Release(Guid owner) => Change(view => Transitions.Release(view, owner, [Shard]));

    public TestLink Link(Guid peer)
    {
        var link = new TestLink(new NodeHello(Grid.Name, peer, $"{peer}", $"{peer}"));
        Standing.Links = new Dictionary<Guid, ILink> { [peer] = link }.ToFrozen();
        return link;
    }

    /// <summary>The pieces of these states arrive.</summary>
    public void Receive(Guid from, long term, HandedOver states, int pieces = int.MaxValue, int without = -1)
    {
        var all = states.ToPieces(16);
        for (int i = 0; i < Math.Min(pieces, all.Count); i++)
        {
            if (i == without) continue;
            var piece = new HandoverSent(Shard, term, states.Offset, i * 16, i == all.Count - 1, all[i]);
            Send(new FromPeer(Standing, new TestLink(new NodeHello(Grid.Name, from, "", "")), piece));
        }
    }

    /// <summary>Whether the shard takes calls.</summary>
    public bool TakesCalls => Host.TryAdmit(Shard, NewAsk(new Total()));

    public Task<long> Ask(ICommand<Counter, long> command)
    {
        var ask = NewAsk(command);
        Assert.True(Host.TryAdmit(Shard, ask), "The shard is not here.");
        Run();
        return ask.Task;
    }

    private PendingAsk<long> NewAsk(ICommand<Counter, long> command) => new(
        System.Deadlines, TimeSpan.FromSeconds(10), default, Entity, Shard, Parts.Types.Check<Counter>(Entity, command), command, _ids.Next());

    public long Do(ICommand<Counter, long> command)
    {
        var task = Ask(command);
        Assert.True(task.IsCompleted, "The ask has not ended.");
        return task.GetAwaiter().GetResult();
    }

    public Fence Fence() => Now(Journal.ReadFencesAsync(default)).Single(f => f.Shard == Shard).Fence;

    public FenceOutcome Raise(long term, Guid owner, int generation = 0) =>
        Now(Journal.RaiseFencesAsync([new FenceRaise(Shard, new Fence(new Epoch(term, generation), owner))], default))[0];

    public static T Now<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted, "The call has not ended.");
        return task.GetAwaiter().GetResult();
    }
}
