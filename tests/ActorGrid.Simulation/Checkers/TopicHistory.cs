using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>What was published to a topic, and what each process got of it: each message at most once, those of one publisher in their order, and in quiet times all of them.</summary>
internal sealed class TopicHistory
{
    private const string Topic = "numbers";

    private readonly Dictionary<SimulatedProcess, List<int>> _inboxes = [];
    private readonly Dictionary<int, SimulatedProcess> _publishers = [];
    private int _last;

    /// <summary>How many messages arrived.</summary>
    public int Arrived => _inboxes.Values.Sum(static inbox => inbox.Count);

    /// <summary>Publishes from anywhere, until the time is up.</summary>
    public async Task PublishAsync(SimulatedGrid grid, SeededRandom draw, TimeSpan until)
    {
        while (grid.Elapsed < until)
        {
            await grid.DelayAsync(draw.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(250)));
            await SubscribeAsync(grid);
            var from = NodesOf(grid).ElementAt(draw.Next(grid.Nodes.Count + 1));
            if (from.Current is { } life) await PublishAsync(life);
        }
    }

    /// <summary>Holds all that arrived against what is promised; on a grid that is whole, all that is published has to arrive.</summary>
    public async Task CheckAsync(SimulatedGrid grid)
    {
        int before;
        string incarnations;
        do
        {
            await grid.UntilAsync(() => NodesOf(grid).All(node => IsLinked(grid, node)), "all reach all others", grid.Options.WholeWithin);
            await SubscribeAsync(grid);
            // What is new takes a moment to be known everywhere.
            await grid.DelayAsync(TimeSpan.FromSeconds(1));
            (before, incarnations) = (_last, IncarnationsOf(grid));
            foreach (var node in NodesOf(grid)) await PublishAsync(node.Current!);
            await grid.DelayAsync(TimeSpan.FromSeconds(1));
        }
        // For what befell it before, a node may be taken for dead late and begin again meanwhile: then that was no quiet time.
        while (IncarnationsOf(grid) != incarnations);
        foreach (var (process, inbox) in _inboxes)
        {
            if (inbox.Distinct().Count() != inbox.Count) Broken(process, inbox, "twice");
            foreach (var of in inbox.GroupBy(number => _publishers[number]))
            {
                if (!of.SequenceEqual(of.Order())) Broken(process, inbox, $"out of the order in which {of.Key.Machine.Name} published it");
            }
            if (!process.IsDead && inbox.Count(number => number > before) != _last - before) Broken(process, inbox, $"of {before + 1} to {_last} not all that was published in quiet times");
        }
    }

    private static void Broken(SimulatedProcess process, List<int> inbox, string what) =>
        throw new PromiseBrokenException($"{process.Machine.Name} (its {process.Life}. process) got from the topic something {what}: [{string.Join(", ", inbox)}].");

    private static IEnumerable<SimulatedNode> NodesOf(SimulatedGrid grid) => grid.Nodes.Concat(grid.Clients);

    private static string IncarnationsOf(SimulatedGrid grid) => string.Join(' ', NodesOf(grid).Select(static node => node.Current?.Node.Incarnation));

    private static bool IsLinked(SimulatedGrid grid, SimulatedNode node) =>
        node.Current is { } life && life.Node.Services.Reachable.Count >= grid.Nodes.Count - (grid.Nodes.Contains(node) ? 1 : 0);

    private Task PublishAsync(NodeLife life) => InAsync(life, () =>
    {
        _publishers.Add(++_last, life.Process);
        life.Node.Topics.Publish(Topic, new Add(_last));
    });

    /// <summary>Subscribes on whichever process has not.</summary>
    private async Task SubscribeAsync(SimulatedGrid grid)
    {
        foreach (var node in NodesOf(grid))
        {
            if (node.Current is not { } life || _inboxes.ContainsKey(life.Process)) continue;
            var inbox = new List<int>();
            _inboxes.Add(life.Process, inbox);
            await InAsync(life, () => life.Node.Topics.Subscribe(Topic, life.Grid.Actors.Spawn(() => new Inbox(inbox))));
        }
    }

    private static async Task InAsync(NodeLife life, Action action)
    {
        try
        {
            await life.Process.RunAsync(() =>
            {
                action();
                return Task.CompletedTask;
            });
        }
        catch (Exception e) when (e is ProcessDiedException or ObjectDisposedException or SystemStoppedException)
        {
            // It has gone, or is on its way out: then it was not published, or to nobody.
        }
    }

    private sealed class Inbox(List<int> numbers) : Actor<Add>
    {
        protected override ValueTask OnMessageAsync(Add message)
        {
            numbers.Add(message.Number);
            return default;
        }
    }
}
