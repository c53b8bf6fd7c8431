using System.Diagnostics;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>Whole nodes on real threads, while shards move to and fro.</summary>
public sealed class RoutingStressTests
{
    private const int Callers = 4, Entities = 20, Rounds = 2;

    [Fact]
    public async Task Asks_of_many_threads_take_effect_once_while_nodes_come_and_go()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var grid = new Grid();
        await using var first = await grid.StartAsync("a", patience.Token);
        await using var client = await grid.StartAsync("", patience.Token);
        using var asked = new SemaphoreSlim(0);
        bool isOver = false;
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(caller))).ToList();
        for (int round = 0; round < Rounds; round++)
        {
            await using (await grid.StartAsync($"b{round}", patience.Token)) await Progress();
            await Progress();
        }
        Volatile.Write(ref isOver, true);
        int[][] counts = await Task.WhenAll(callers).WaitAsync(patience.Token);
        for (int i = 0; i < Entities; i++)
        {
            Assert.Equal(counts.Sum(c => c[i]), await client.Node.Router.AskAsync(Key(i), new Total()));
        }

        async Task<int[]> CallAsync(int caller)
        {
            int[] added = new int[Entities];
            var router = (caller % 2 == 0 ? first : client).Node.Router;
            for (int i = caller; !Volatile.Read(ref isOver); i++)
            {
                await router.AskAsync(Key(i % Entities), new Add(1), new AskOptions { Timeout = TimeSpan.FromSeconds(30) });
                added[i % Entities]++;
                asked.Release();
            }
            return added;
        }

        async Task Progress()
        {
            for (int i = 0; i < 200; i++) await asked.WaitAsync(patience.Token);
        }
    }

    private static EntityId Key(int number) => EntityId.Create("counter", $"k{number}");

    private sealed class Grid
    {
        private readonly GridIdentity _grid = new("test", 16);
        private readonly InMemoryStore _store = new();
        private readonly InMemoryClusterStore _views;
        private readonly InMemoryNetwork _network = new();

        public Grid() => _views = new InMemoryClusterStore(_grid);

        public async Task<Running> StartAsync(string endpoint, CancellationToken patience)
        {
            await _store.OpenAsync(_grid, patience);
            var system = new ActorSystem();
            var transport = _network.Connect(endpoint, system.Dispatcher);
            var node = await ClusterNode.StartAsync(
                new ClusterSetting
                {
                    System = system,
                    Grid = _grid,
                    Store = _store,
                    ClusterStore = _views.Connect(),
                    Transport = transport,
                    BootClock = new RealBootClock(),
                    Types = [EntityType.Create<Counter>("counter", CounterJson.Default)],
                },
                patience);
            return new Running(node, system, transport);
        }
    }

    private sealed record Running(ClusterNode Node, ActorSystem System, ITransport Transport) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Node.StopAsync();
            await Transport.DisposeAsync();
            await System.StopAsync();
        }
    }

    private sealed class RealBootClock : IBootClock
    {
        public TimeSpan Uptime => Stopwatch.GetElapsedTime(0);
    }
}
