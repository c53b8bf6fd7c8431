using System.Collections.Frozen;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Cluster.Tests;

/// <summary>A node of a <see cref="RouterRig"/>: a real router, with links, views and shards that the test makes.</summary>
internal sealed class RouterNode
{
    private readonly RouterRig _rig;
    private readonly HashSet<Guid> _incarnations = [];

    public RouterNode(RouterRig rig, string name, Guid incarnation, ActorSystem system, ClusterOptions options)
    {
        _rig = rig;
        Name = name;
        Parts = new NodeParts(new ClusterSetting
        {
            System = system,
            Grid = rig.Grid,
            Store = new InMemoryStore(),
            ClusterStore = null!,
            Transport = new NoTransport(name),
            BootClock = rig,
            Types = [rig.Type],
            Options = options,
            TopicMessages = new CodecRegistry([new JsonMessageCodec<Add>("add", CounterJson.Default.Add), new JsonMessageCodec<CounterEvent>("event", CounterJson.Default.CounterEvent)]),
        });
        Services = new ClusterServices(Parts, NullLogger.Instance);
        Topics = new Topics(Parts, Services);
        Shards = new FakeShards(rig);
        Router = new ClusterRouter(Parts, Shards.Admit, (_, _) => Shards.Full);
        Begin(incarnation);
    }

    public string Name { get; }

    public NodeParts Parts { get; }

    public ClusterRouter Router { get; }

    public FakeShards Shards { get; }

    public ClusterServices Services { get; }

    public Topics Topics { get; }

    public Standing Standing { get; private set; } = null!;

    public NodeHello Hello { get; private set; } = null!;

    public Guid Incarnation => Standing.Incarnation;

    public Dictionary<RouterNode, FakeLink> Links { get; } = [];

    /// <summary>Starts an incarnation, which trusts its lease.</summary>
    public void Begin(Guid incarnation)
    {
        Assert.True(_incarnations.Add(incarnation));
        var lease = new LeaseTrust(_rig.Clock, _rig, TimeSpan.FromSeconds(3));
        Standing = new Standing(incarnation, _rig.View, lease);
        Hello = new NodeHello("test", incarnation, Name, Name);
        Parts.Standing = Standing;
        RenewLease();
        Router.Actor.Tell(new ViewChanged(Standing, _rig.View));
    }

    public void RenewLease() => Standing.Lease.Renewed(Standing.Lease.Now, new LeaseRenewal(1, Standing.View.Version, IsRevoked: false), wasAway: false);

    /// <summary>The incarnation is over.</summary>
    public void End()
    {
        Standing.End();
        Router.Actor.Tell(new StandingOver(Standing, "the test says so"));
        foreach (var peer in Links.Keys.ToList()) Unlink(peer);
        Shards.CloseAll();
        Parts.Standing = null;
    }

    public void See(ClusterView view)
    {
        Standing.View = view;
        Router.Actor.Tell(new ViewChanged(Standing, view));
    }

    public void Link(RouterNode peer)
    {
        var (near, far) = (new FakeLink(this, peer), new FakeLink(peer, this));
        (near.Far, far.Far) = (far, near);
        Publish(peer, near);
        peer.Publish(this, far);
    }

    /// <summary>Closes the link to a peer: both sides learn it, and what was under way is lost.</summary>
    public void Unlink(RouterNode peer)
    {
        if (!Links.ContainsKey(peer)) return;
        Drop(peer);
        peer.Drop(this);
    }

    public Task<long> Ask(string key, ICommand<Counter, long>? command = null, AskOptions? options = null, CancellationToken cancellationToken = default) =>
        Router.AskAsync(EntityId.Create("counter", key), command ?? new Add(1), options, cancellationToken);

    public void Receive(FakeLink link, byte[] frame)
    {
        var message = WireCodec.Decode(frame);
        if (message is AskSent or AskAnswered) Router.Receive(Standing, link, message);
        if (message is ServiceSent) Services.Receive(Standing, link, message);
    }

    private void Publish(RouterNode peer, FakeLink link)
    {
        Links[peer] = link;
        PublishLinks();
        Router.Actor.Tell(new LinkOpened(Standing, peer.Incarnation));
    }

    private void Drop(RouterNode peer)
    {
        if (!Links.Remove(peer, out var link)) return;
        link.MarkClosed();
        PublishLinks();
        Router.Actor.Tell(new LinkClosed(Standing, link.Peer.Incarnation));
    }

    private void PublishLinks()
    {
        Standing.Links = Links.ToFrozenDictionary(l => l.Value.Peer.Incarnation, ILink (l) => l.Value);
        Services.OnChanged();
    }

    private sealed class NoTransport(string endpoint) : ITransport
    {
        public string Endpoint => endpoint;

        public void Start(NodeHello self, ITransportReceiver receiver)
        {
        }

        public void Dial(string endpoint)
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
