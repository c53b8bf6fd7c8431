using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

/// <summary>What the node decides about its parts, of which those that fail here are none of its own.</summary>
public sealed class SupervisionTests
{
    private readonly GridIdentity _grid = new("test", 4);
    private readonly ManualDispatcher _dispatcher = new();
    private readonly ManualClock _clock = new();
    private readonly NodeEvents _events = new();
    private readonly List<IRouterMessage> _routed = [];
    private readonly List<string> _closed = [];
    private readonly NodeParts _parts;
    private readonly ActorRef<INodeMessage> _node;
    private readonly InMemoryClusterStore _store;
    private readonly Queue<TaskCompletionSource> _closings = [];
    private readonly List<string> _log = [];
    private int _failures;

    public SupervisionTests()
    {
        _store = new InMemoryClusterStore(_grid);
        var system = new ActorSystem(new ActorSystemOptions { Dispatcher = _dispatcher, TimeProvider = _clock, Seed = 1, LoggerFactory = new TestLog(_clock, "a", _log) });
        _parts = new NodeParts(new ClusterSetting
        {
            System = system,
            Grid = _grid,
            Store = new InMemoryStore(),
            ClusterStore = _store.Connect(),
            Transport = new InMemoryNetwork().Connect("a", _dispatcher),
            BootClock = new TestBootClock(_clock),
            Types = [],
        });
        var services = new ClusterServices(_parts, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var router = system.Spawn(() => new Collector<IRouterMessage>(_routed));
        var make = new PartMaker(
            (_, _) => new Steward(this),
            (standing, hello, node) => new PeerActor(
                _parts, standing, hello, node, router, peers => new PeerReceiver(_parts, standing, peers, node, services, services)),
            why =>
            {
                _closed.Add(why);
                return _closings.TryDequeue(out var closing) ? closing.Task : Task.CompletedTask;
            });
        _node = system.Spawn(() => new NodeActor(_parts, router, services, _events, make));
        _dispatcher.RunUntilIdle();
    }

    [Fact]
    public void APartThatFailsCostsTheIncarnationAndNotTheNode()
    {
        Assert.True(_events.WhenStarted.IsCompletedSuccessfully);
        var first = _parts.Standing!;
        Fail();
        Assert.True(first.IsOver);
        Assert.False(first.MayAnswer);
        Assert.Contains(_routed, m => m is StandingOver over && over.Standing == first);
        Advance(1000);
        var second = _parts.Standing!;
        Assert.NotEqual(first.Incarnation, second.Incarnation);
        // The first has said that it is over: nobody had to wait for its lease, nor for the silence at its address.
        Assert.Equal([second.Incarnation], second.View.Members.Select(m => m.Incarnation));
        Assert.All(second.View.Shards, s => Assert.Equal(second.Incarnation, s.Owner));
        Assert.False(_events.WhenStopped.IsCompleted);
    }

    [Fact]
    public void TheNextIncarnationBeginsWhenNoShardOfTheLastIsLeft()
    {
        var first = _parts.Standing!;
        var closing = new TaskCompletionSource();
        _closings.Enqueue(closing);
        Fail();
        Advance(60_000);
        Assert.Same(first, _parts.Standing);
        Assert.False(_dispatcher.Run(() => _parts.Setting.ClusterStore.ReadLeasesAsync(default)).Single(r => r.Incarnation == first.Incarnation).HasEnded);
        _dispatcher.Start(() =>
        {
            closing.SetResult();
            return Task.CompletedTask;
        });
        Advance(1000);
        Assert.NotEqual(first.Incarnation, _parts.Standing!.Incarnation);
    }

    [Fact]
    public void ANodeThatFailsAgainAndAgainGivesUp()
    {
        for (int i = 0; i < 5; i++)
        {
            Fail();
            Advance(5000);
            Assert.True(_parts.Standing is not null, string.Join('\n', _log));
        }
        Fail();
        Advance(60_000);
        Assert.Null(_parts.Standing);
        Assert.True(_events.WhenGivenUp.IsCompleted);
        Assert.True(_events.WhenStopped.IsCompleted);
    }

    [Fact]
    public void FailuresLongAgoAreForgiven()
    {
        for (int i = 0; i < 20; i++)
        {
            Fail();
            Advance(20_000);
            Assert.True(_parts.Standing is not null, string.Join('\n', _log));
        }
        Assert.False(_events.WhenGivenUp.IsCompleted);
    }

    [Fact]
    public void TheNodesActorItselfMayFail()
    {
        var first = _parts.Standing!;
        _closed.Clear();
        FailNode();
        Advance(5000);
        Assert.True(first.IsOver);
        Assert.NotEqual(first.Incarnation, _parts.Standing!.Incarnation);
        Assert.NotEmpty(_closed);
        Assert.Equal([_parts.Standing.Incarnation], _parts.Standing.View.Members.Select(m => m.Incarnation));
    }

    [Fact]
    public void AStopThatWasAskedForSurvivesAFailureOfTheNodesActor()
    {
        _node.Tell(new LeaveNow(InHurry: false));
        _dispatcher.RunUntilIdle();
        Assert.True(_events.IsStopping);
        FailNode();
        Advance(5000);
        Assert.True(_events.WhenStopped.IsCompleted);
        Assert.Null(_parts.Standing);
    }

    private void Fail()
    {
        _failures = 1;
        _parts.Steward!.Tell(new StandingOver(null!, ""));
        _dispatcher.RunUntilIdle();
    }

    /// <summary>No actor of the links tells it this.</summary>
    private void FailNode() => _node.Tell(new PeersSeen(_parts.Standing!, default));

    private void Advance(double milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds), _dispatcher);

    /// <summary>Fails when it is told to.</summary>
    private sealed class Steward(SupervisionTests test) : Actor<IStewardMessage>
    {
        protected override ValueTask OnMessageAsync(IStewardMessage message) =>
            test._failures-- > 0 ? throw new InvalidOperationException("It fails, as told.") : default;
    }
}
