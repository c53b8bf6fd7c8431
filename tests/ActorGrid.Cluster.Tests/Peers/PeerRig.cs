using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

/// <summary>Nodes of which only the links are real.</summary>
internal sealed class PeerRig
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 4);
    private int _nodes;

    public ManualDispatcher Dispatcher { get; } = new();

    public ManualClock Clock { get; } = new();

    public InMemoryNetwork Network { get; } = new();

    public Node Start(string endpoint, string? grid = null, string? says = null, string? host = "host")
    {
        var node = new Node(this, endpoint, says ?? endpoint, grid ?? Grid.Name, host, ++_nodes);
        Dispatcher.RunUntilIdle();
        return node;
    }

    public void Advance(double milliseconds) => Clock.Advance(TimeSpan.FromMilliseconds(milliseconds), Dispatcher);

    /// <summary>All learn of a view with these members.</summary>
    public void Meet(params Node[] members)
    {
        foreach (var node in members) node.Meet(members);
        Dispatcher.RunUntilIdle();
    }

    public sealed class Node
    {
        private readonly PeerRig _rig;
        private readonly string _says;
        private readonly string? _host;
        private readonly ActorRef<IPeerMessage> _peers;

        public Node(PeerRig rig, string endpoint, string says, string grid, string? host, int number)
        {
            _says = says;
            _host = host;
            _rig = rig;
            System = new ActorSystem(new ActorSystemOptions { Dispatcher = rig.Dispatcher, TimeProvider = rig.Clock, Seed = number });
            Transport = new CountingTransport(rig.Network.Connect(endpoint, rig.Dispatcher));
            Incarnation = new Guid(number, 0, 0, new byte[8]);
            var boot = new TestBootClock(rig.Clock);
            var store = new InMemoryStore();
            var parts = new NodeParts(new ClusterSetting
            {
                System = System,
                Grid = Grid,
                Store = store,
                ClusterStore = new InMemoryClusterStore(Grid).Connect(),
                Transport = Transport,
                Host = host,
                BootClock = boot,
                Types = [],
            });
            Standing = new Standing(Incarnation, ClusterView.Empty(Grid), new LeaseTrust(rig.Clock, boot, parts.Options.LeaseDuration));
            parts.Standing = Standing;
            var told = System.Spawn(() => new Collector<INodeMessage>(Told));
            var router = System.Spawn(() => new Collector<IRouterMessage>(RouterTold));
            Services = new ClusterServices(parts, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            _peers = System.Spawn(() => new PeerActor(
                parts, Standing, new NodeHello(grid, Incarnation, says, says), told, router,
                self => new PeerReceiver(parts, Standing, self, told, Services, Services)));
        }

        public ActorSystem System { get; }

        public CountingTransport Transport { get; }

        public Guid Incarnation { get; }

        public Standing Standing { get; }

        public ClusterServices Services { get; }

        public List<INodeMessage> Told { get; } = [];

        public List<IRouterMessage> RouterTold { get; } = [];

        public PeerSight SightOf(Node other) => Told.OfType<PeersSeen>().Last().Sights.Single(s => s.Incarnation == other.Incarnation);

        /// <summary>It learns of a view with these members.</summary>
        public void Meet(params Node[] members) => _peers.Tell(new MembersChanged(ClusterView.Empty(Grid).WithMembers(members.Select(m => m.AsMember()))));

        /// <summary>The transport reports that a dial was refused.</summary>
        public void Refuse(string endpoint)
        {
            _peers.Tell(new DialFailed(endpoint, DialFailure.Refused));
            _rig.Dispatcher.RunUntilIdle();
        }

        /// <summary>The actor of its links ends; its transport is there still.</summary>
        public void Stop() => _rig.Dispatcher.Run(() => _peers.StopAsync(TimeSpan.FromSeconds(5)));

        public void Kill()
        {
            _rig.Dispatcher.Run(() => Transport.DisposeAsync().AsTask());
            _rig.Dispatcher.Run(() => System.StopAsync());
        }

        private Member AsMember() => new() { Incarnation = Incarnation, Name = _says, Endpoint = _says, Host = _host, Status = MemberStatus.Up };
    }
}

/// <summary>Counts what passes, and closes links at will.</summary>
internal sealed class CountingTransport(ITransport transport) : ITransport
{
    private ITransportReceiver? _receiver;

    public string Endpoint => transport.Endpoint;

    public int LinkCount => ((InMemoryPort)transport).LinkCount;

    public int Dials { get; private set; }

    /// <summary>Closes each link before a word can be said.</summary>
    public bool IsClosing { get; set; }

    /// <summary>How many failures of dials still to come say that the connection broke off, whatever it was.</summary>
    public int DialsThatBreakOff { get; set; }

    public void Start(NodeHello self, ITransportReceiver receiver)
    {
        _receiver = receiver;
        transport.Start(self, new Closing(this, receiver));
    }

    /// <summary>Reports a link that says within the call that closes it that it has closed, as one of sockets may on another thread.</summary>
    public void OpenPrompt(NodeHello peer) => _receiver!.OnOpened(new PromptLink(_receiver, peer));

    public void Dial(string endpoint)
    {
        Dials++;
        if (Dials > 1000) throw new InvalidOperationException("It dials without end.");
        transport.Dial(endpoint);
    }

    public ValueTask DisposeAsync() => transport.DisposeAsync();

    private sealed class PromptLink(ITransportReceiver receiver, NodeHello peer) : ILink
    {
        public NodeHello Peer => peer;

        public string? DialledEndpoint => null;

        public bool Send(ReadOnlySpan<byte> frame, Lane lane) => true;

        public void Close() => receiver.OnClosed(this);
    }

    private sealed class Closing(CountingTransport counting, ITransportReceiver receiver) : ITransportReceiver
    {
        public void OnOpened(ILink link)
        {
            if (counting.IsClosing) link.Close();
            else receiver.OnOpened(link);
        }

        public void OnFrame(ILink link, ReadOnlySpan<byte> frame, Lane lane)
        {
            if (!counting.IsClosing) receiver.OnFrame(link, frame, lane);
        }

        public void OnClosed(ILink link) => receiver.OnClosed(link);

        public void OnDialFailed(string endpoint, DialFailure failure) =>
            receiver.OnDialFailed(endpoint, counting.DialsThatBreakOff-- > 0 ? DialFailure.Unreachable : failure);
    }
}

internal static class TestViews
{
    public static ClusterView WithMembers(this ClusterView view, IEnumerable<Member> members) => new()
    {
        Version = view.Version + 1,
        Grid = view.Grid,
        Members = [.. members],
        Shards = view.Shards,
        Spaces = view.Spaces,
        TypeRoles = view.TypeRoles,
        Revoked = view.Revoked,
    };
}
