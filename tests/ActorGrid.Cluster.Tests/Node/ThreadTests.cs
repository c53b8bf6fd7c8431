using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>Nodes on threads of their own, with the machine's clock: what one thread cannot show.</summary>
public sealed class ThreadTests
{
    private const int Keys = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly GridIdentity _grid = new("test", 32);
    private readonly InMemoryStore _store = new();
    private readonly InMemoryNetwork _network = new();
    private readonly SemaphoreSlim _replied = new(0);

    [Fact]
    public async Task NoMarkIsLostOrDoubledWhileNodesComeLeaveAndDie()
    {
        await _store.OpenAsync(_grid, default);
        var clusterStore = new InMemoryClusterStore(_grid);
        await using var a = await StartAsync("a", clusterStore);
        var b = await StartAsync("b", clusterStore);
        var c = await StartAsync("c", clusterStore);
        int[] marks = new int[Keys];
        using var over = new CancellationTokenSource();
        Task[] load = [.. Enumerable.Range(0, 8).Select(i => Task.Run(() => LoadAsync(a.Cluster, i, marks, over.Token)))];
        await UntilAsync(() => marks.Sum() > 200);

        await b.Cluster.StopAsync();
        await b.DisposeAsync();
        await UntilAsync(() => marks.Sum() > 400);

        clusterStore.Disconnect(c.Connection);
        await c.Transport.DisposeAsync();
        await c.System.StopAsync();
        await c.Dispatcher.DisposeAsync();
        int before = marks.Sum();
        await UntilAsync(() => marks.Sum() > before + 200);

        await using var d = await StartAsync("d", clusterStore);
        await UntilAsync(() => d.Cluster.View.Shards.Any(s => s.Owner == d.Cluster.Incarnation));
        await over.CancelAsync();
        await Task.WhenAll(load).WaitAsync(Patience);
        for (int i = 0; i < Keys; i++)
        {
            Assert.Equal(marks[i], await d.Cluster.Router.AskAsync(EntityId.Create("tally", $"k{i}"), new GetTally(), new AskOptions { Timeout = Patience }));
        }
    }

    /// <summary>Each worker has keys of its own, so that each reply is one more than the last.</summary>
    private async Task LoadAsync(ClusterNode node, int worker, int[] marks, CancellationToken over)
    {
        for (int i = worker; !over.IsCancellationRequested; i += 8)
        {
            int key = i % Keys - (i % Keys % 8) + worker;
            if (key >= Keys) continue;
            int reply = await node.Router.AskAsync(EntityId.Create("tally", $"k{key}"), new Mark(), new AskOptions { Timeout = Patience }, CancellationToken.None);
            Assert.Equal(++marks[key], reply);
            _replied.Release();
        }
    }

    /// <summary>Looks again after each reply.</summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition()) await _replied.WaitAsync(patience.Token);
    }

    private async Task<Node> StartAsync(string endpoint, InMemoryClusterStore clusterStore)
    {
        var dispatcher = new WorkerDispatcher(2);
        var node = new Node(dispatcher, new ActorSystem(new ActorSystemOptions { Dispatcher = dispatcher }), _network.Connect(endpoint), clusterStore.Connect());
        node.Cluster = await ClusterNode.StartAsync(new ClusterSetting
        {
            System = node.System,
            Grid = _grid,
            Store = _store,
            ClusterStore = node.Connection,
            Transport = node.Transport,
            BootClock = new TestBootClock(TimeProvider.System),
            Types = [EntityType.Create<Tally>("tally", TallyJson.Default)],
        });
        return node;
    }

    private sealed record Node(WorkerDispatcher Dispatcher, ActorSystem System, ITransport Transport, IClusterStore Connection) : IAsyncDisposable
    {
        public ClusterNode Cluster { get; set; } = null!;

        public async ValueTask DisposeAsync()
        {
            await Cluster.StopAsync(new CancellationToken(canceled: true));
            await Transport.DisposeAsync();
            await System.StopAsync();
            await Dispatcher.DisposeAsync();
        }
    }
}
