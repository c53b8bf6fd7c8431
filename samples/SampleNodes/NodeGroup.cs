using System.Diagnostics;
using System.Globalization;
using ActorGrid;
using ActorGrid.Cluster;

namespace SampleNodes;

/// <summary>The nodes that this process has started.</summary>
public sealed class NodeGroup : IAsyncDisposable
{
    private static readonly TimeSpan UpWithin = TimeSpan.FromSeconds(60);

    private readonly List<NodeProcess> _nodes = [];

    /// <summary>The nodes, in the order of their names.</summary>
    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    /// <summary>Starts the processes; they join by themselves.</summary>
    /// <param name="count">How many.</param>
    /// <param name="store">Where the grid is kept.</param>
    /// <param name="arguments">What else each of them is told.</param>
    public void Start(int count, StoreChoice store, params IEnumerable<string> arguments)
    {
        string[] all = [.. arguments];
        for (int i = 1; i <= count; i++) _nodes.Add(NodeProcess.Start(string.Create(CultureInfo.InvariantCulture, $"node-{i}"), store, all));
    }

    /// <summary>Waits until all nodes are up and every shard has its owner.</summary>
    /// <exception cref="NodeException">One of them has ended, or it takes too long.</exception>
    public async Task UpAsync(IGrid grid, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!IsWhole(grid.View!))
        {
            if (_nodes.Find(node => node.HasEnded) is { } ended) throw new NodeException($"{ended.Name} has ended: {ended.Errors}");
            if (Stopwatch.GetElapsedTime(started) > UpWithin)
            {
                throw new NodeException($"The nodes are not up after {UpWithin.TotalSeconds:f0} s. {string.Join(' ', _nodes.Select(node => node.Errors))}");
            }
            await again.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>Any of those that run.</summary>
    public NodeProcess Any()
    {
        var running = _nodes.Where(node => !node.HasEnded).ToList();
        return running[Random.Shared.Next(running.Count)];
    }

    /// <summary>The member that a process is now, or null.</summary>
    public static Member? MemberOf(NodeProcess node, ClusterView view) => view.Members.FirstOrDefault(member => member.Name == node.Name);

    /// <summary>What each node is and owns.</summary>
    public IReadOnlyList<NodeState> States(ClusterView view) =>
    [
        .. _nodes.Select(node =>
        {
            var member = MemberOf(node, view);
            string state = node.IsKilled ? "killed" : node.HasEnded ? "ended" : member?.Status.ToString().ToLowerInvariant() ?? "starting";
            return new NodeState(node.Name, node.Id, member?.Endpoint ?? "-", state, member is null ? 0 : view.Shards.Count(shard => shard.Owner == member.Incarnation));
        }),
    ];

    /// <summary>Lets all leave.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));

    private bool IsWhole(ClusterView view) =>
        _nodes.TrueForAll(node => MemberOf(node, view) is { Status: MemberStatus.Up }) && view.Members.Length > 0
        && view.Shards.All(shard => shard.Owner != Guid.Empty && shard.Next == Guid.Empty);
}

/// <summary>What a node is and owns at one moment.</summary>
public sealed record NodeState(string Name, int ProcessId, string Endpoint, string State, int Shards)
{
    /// <summary>The heads of the columns.</summary>
    public static IReadOnlyList<string> Heads { get; } = ["node", "pid", "endpoint", "state", "shards"];

    /// <summary>The columns.</summary>
    public IReadOnlyList<string> Columns =>
        [Name, ProcessId.ToString(CultureInfo.InvariantCulture), Endpoint, State, Shards.ToString(CultureInfo.InvariantCulture)];

    /// <summary>As a line of its own.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name,-8} pid {ProcessId,-7} {Endpoint,-21} {State,-8} {Shards,3} shards");
}

/// <summary>The nodes that this process has started do not do what they should.</summary>
public sealed class NodeException(string message) : Exception(message);
