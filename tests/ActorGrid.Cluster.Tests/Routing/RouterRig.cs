using System.Collections.Immutable;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

/// <summary>Routers on one thread. The test says who owns what, who is linked to whom, and when frames arrive.</summary>
internal sealed class RouterRig : IBootClock
{
    private readonly ManualDispatcher _dispatcher = new();
    private readonly Dictionary<EntityId, long> _totals = [];
    private readonly Dictionary<CommandId, long> _executed = [];
    private int _systems;

    public RouterRig(int nodes, ClusterOptions? options = null)
    {
        Grid = new GridIdentity("test", ShardCount: 4);
        Type = EntityType.Create<Counter>("counter", CounterJson.Default);
        View = ClusterView.Empty(Grid);
        for (int i = 0; i < nodes; i++) Add(Id(i + 1), options);
        View = NewView(null);
    }

    public GridIdentity Grid { get; }

    public EntityType Type { get; }

    public ManualClock Clock { get; } = new();

    public List<RouterNode> Nodes { get; } = [];

    /// <summary>The newest view; nodes see it when they are told.</summary>
    public ClusterView View { get; private set; }

    public TimeSpan Uptime => Clock.GetElapsedTime(0);

    /// <summary>How many commands took effect.</summary>
    public int Executed => _executed.Count;

    public static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public ShardId ShardOf(string key) => ShardId.Of(EntityId.Create("counter", key), Grid.ShardCount);

    /// <summary>A key whose entity is in that shard.</summary>
    public string Key(int shard, int number = 0) =>
        Enumerable.Range(0, int.MaxValue).Select(i => $"k{i}").Where(k => ShardOf(k).Value == shard).Skip(number).First();

    public RouterNode Add(Guid incarnation, ClusterOptions? options = null)
    {
        var system = new ActorSystem(new ActorSystemOptions { Dispatcher = _dispatcher, TimeProvider = Clock, Seed = ++_systems });
        var node = new RouterNode(this, $"n{_systems}", incarnation, system, options ?? new ClusterOptions());
        Nodes.Add(node);
        return node;
    }

    public void LinkAll()
    {
        foreach (var node in Nodes)
        {
            foreach (var peer in Nodes.Where(p => Nodes.IndexOf(p) > Nodes.IndexOf(node) && !node.Links.ContainsKey(p))) node.Link(peer);
        }
    }

    /// <summary>A view in which a node owns all shards, or nobody does; that node serves them, others do not.</summary>
    public ClusterView Own(RouterNode? owner)
    {
        View = NewView(owner);
        return View;
    }

    /// <summary>As <see cref="Own"/>, and all nodes that run see it.</summary>
    public void Give(RouterNode? owner)
    {
        Own(owner);
        foreach (var node in Nodes.Where(n => !n.Standing.IsOver)) node.See(View);
        foreach (var node in Nodes)
        {
            if (node == owner) node.Shards.Serve(Enumerable.Range(0, Grid.ShardCount).Select(i => new ShardId(i)));
            else node.Shards.CloseAll();
        }
    }

    /// <summary>A command takes effect, once for its id.</summary>
    public long Execute(IEntityCall call)
    {
        if (call.Command is not Add add) return _totals.GetValueOrDefault(call.Entity);
        if (_executed.TryGetValue(call.Id, out long total)) return total;
        total = _totals[call.Entity] = _totals.GetValueOrDefault(call.Entity) + add.Amount;
        _executed.Add(call.Id, total);
        return total;
    }

    /// <summary>Runs and delivers until nothing is left to do at this time.</summary>
    public void Run()
    {
        do
        {
            _dispatcher.RunUntilIdle();
        }
        while (Nodes.Any(n => n.Links.Values.ToList().Aggregate(false, (any, link) => link.Deliver() | any)) || _dispatcher.Waiting > 0);
    }

    /// <summary>Starts something whose continuations run here.</summary>
    public Task Begin(Func<Task> work) => _dispatcher.Start(work);

    public void Advance(int milliseconds)
    {
        Run();
        Clock.Advance(TimeSpan.FromMilliseconds(milliseconds), Run);
        Run();
    }

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

    private ClusterView NewView(RouterNode? owner) => new()
    {
        Version = View.Version + 1,
        Grid = Grid,
        Members = [.. Nodes.Where(n => !n.Standing.IsOver).Select(n => new Member
        {
            Incarnation = n.Incarnation, Name = n.Name, Endpoint = n.Name, Status = MemberStatus.Up,
        })],
        Shards = [.. View.Shards.Select(s => new ShardOwnership(owner?.Incarnation ?? Guid.Empty, s.Term + 1, Guid.Empty))],
        Spaces = View.Spaces,
        TypeRoles = View.TypeRoles.SetItem("counter", ""),
        Revoked = [],
    };
}
