using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>What scripts say: who owns what, what is cut off from whom, and what happens right after which step.</summary>
internal static class Script
{
    public static EntityId LedgerId(string key) => EntityId.Create("ledger", key);

    public static ShardId ShardOf(this SimulatedGrid grid, string key) => grid.Journal.View.ShardOf(LedgerId(key));

    /// <summary>The node that the newest view gives a ledger to.</summary>
    public static SimulatedNode OwnerOf(this SimulatedGrid grid, string key) => grid.NodeOf(grid.Journal.View[grid.ShardOf(key)].Owner);

    public static SimulatedNode NodeOf(this SimulatedGrid grid, Guid incarnation) =>
        grid.Nodes.Single(node => node.Name == grid.Journal.View.Find(incarnation)?.Endpoint);

    /// <summary>The member that the newest view has for a node; null: none.</summary>
    public static Member? MemberOf(this SimulatedGrid grid, SimulatedNode node) => grid.Journal.View.Members.FirstOrDefault(member => member.Endpoint == node.Name);

    /// <summary>Why a node is no member any more, or the member before the present one.</summary>
    public static DepartureCause? DepartureOf(this SimulatedGrid grid, SimulatedNode node) =>
        grid.Journal.View.Departures.LastOrDefault(departure => departure.Endpoint == node.Name)?.Cause;

    /// <summary>A ledger that lives on that node now.</summary>
    public static string LedgerOn(this SimulatedGrid grid, SimulatedNode node, string prefix = "k") =>
        Enumerable.Range(0, 10_000).Select(i => $"{prefix}{i}").First(key => grid.OwnerOf(key) == node);

    public static IReadOnlyList<SimulatedNode> Others(this SimulatedGrid grid, params SimulatedNode[] nodes) => [.. grid.Nodes.Except(nodes)];

    /// <summary>Lets nothing through between two sets of nodes, the client counted to the second, until the result is disposed.</summary>
    public static IDisposable Cut(this SimulatedGrid grid, IEnumerable<SimulatedNode> from, IEnumerable<SimulatedNode> to, bool oneWay = false, bool withClient = true)
    {
        var network = grid.World.Network;
        List<(SimulatedMachine From, SimulatedMachine To)> cuts = [];
        IEnumerable<SimulatedNode> beyond = withClient ? to.Concat(grid.Clients) : to;
        foreach (var (one, other) in from.SelectMany(_ => beyond, (a, b) => (a.Machine, b.Machine)))
        {
            cuts.Add((one, other));
            if (!oneWay) cuts.Add((other, one));
        }
        foreach (var (a, b) in cuts) network.Block(a, b);
        grid.Note($"cut: {string.Join(", ", cuts.Select(cut => $"{cut.From.Name} to {cut.To.Name}"))}");
        return new Undo(() =>
        {
            grid.Note("healed");
            foreach (var (a, b) in cuts) network.Unblock(a, b);
        });
    }

    /// <summary>Nobody reaches the store, or one node does not, until the result is disposed.</summary>
    public static IDisposable StoreAway(this SimulatedGrid grid, SimulatedNode? node = null)
    {
        grid.Note($"the store is away for {node?.Name ?? "all"}");
        grid.World.Database!.BeginOutage(node?.Machine);
        return new Undo(() =>
        {
            grid.Note("the store is back");
            grid.World.Database.EndOutage(node?.Machine);
        });
    }

    /// <summary>Sees each entry of the trace as it is made.</summary>
    public static void Watch(this SimulatedGrid grid, Action<TraceEntry> watcher) => grid.World.Trace.Watcher += watcher;

    /// <summary>Does something right after the first step of that kind, before anything else runs.</summary>
    public static void After(this SimulatedGrid grid, Func<TraceEntry, bool> step, Action deed)
    {
        bool done = false;
        grid.Watch(entry =>
        {
            if (done || !step(entry)) return;
            done = true;
            grid.World.Next(deed);
        });
    }

    /// <summary>Lets the first call of that kind that a node makes from now on go wrong.</summary>
    public static void FailNext(this SimulatedGrid grid, SimulatedNode node, StoreOperation operation, StoreFault fault, Action? then = null)
    {
        bool done = false;
        grid.World.Database!.Script = (process, called) =>
        {
            if (done || called != operation || process.Machine != node.Machine) return StoreFault.None;
            done = true;
            then?.Invoke();
            return fault;
        };
    }

    /// <summary>The frame of an entry, or null.</summary>
    public static WireMessage? Message(this TraceEntry entry) =>
        entry is { Kind: TraceKind.FrameSent or TraceKind.FrameDelivered, Subject: byte[] frame } ? WireCodec.Decode(frame) : null;

    /// <summary>The view that was written, or null.</summary>
    public static ClusterView? Written(this TraceEntry entry) => entry is { Kind: TraceKind.ViewWritten, B: 1, Subject: ClusterView view } ? view : null;

    private sealed class Undo(Action undo) : IDisposable
    {
        private bool _done;

        public void Dispose()
        {
            if (_done) return;
            _done = true;
            undo();
        }
    }
}
