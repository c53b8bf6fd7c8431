using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <content>Faults by script. Those that last do so until what is returned is disposed; end them before <see cref="CalmAsync"/>.</content>
public sealed partial class SimulatedGrid
{
    /// <summary>The node that owns an entity by the newest view; null: none does at the moment.</summary>
    /// <param name="key">Which one of its type.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <exception cref="InvalidOperationException">The class was not added in <see cref="SimulatedGridOptions.Configure"/>.</exception>
    public SimulatedNode? OwnerOf<TEntity>(string key)
        where TEntity : Entity
    {
        var view = Journal.View;
        if (!view.TryShardOf(Client.IdOf<TEntity>(key), out var shard)) return null;
        string? endpoint = view.Find(view[shard].Owner)?.Endpoint;
        return Array.Find(_nodes, node => node.Name == endpoint);
    }

    /// <summary>Cuts nodes off: nothing gets from them to the other nodes and the client, nor back. They still reach the store.</summary>
    /// <param name="nodes">Those on one side.</param>
    public IDisposable CutOff(params IReadOnlyCollection<SimulatedNode> nodes)
    {
        var others = _nodes.Concat(_clients).Except(nodes).ToList();
        var ways = nodes.SelectMany(node => others.SelectMany(other => new[] { (node.Machine, other.Machine), (other.Machine, node.Machine) }));
        return Block($"{string.Join(", ", nodes)} cut off", [.. ways]);
    }

    /// <summary>Lets nothing through from one node to another; the other way it does get through.</summary>
    /// <param name="from">Who is not heard.</param>
    /// <param name="to">Who does not hear.</param>
    public IDisposable CutOneWay(SimulatedNode from, SimulatedNode to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return Block($"nothing gets from {from} to {to}", (from.Machine, to.Machine));
    }

    /// <summary>Breaks the links between two nodes, with all that is under way; they can be made anew.</summary>
    public void BreakLinks(SimulatedNode one, SimulatedNode other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        Say($"links between {one} and {other} break");
        World.Network.Reset(one.Machine, other.Machine);
    }

    /// <summary>Lets a node's address refuse although it lives, so that it looks like one that was killed.</summary>
    public IDisposable Refuse(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        int machine = node.Machine.Number;
        World.Network.Refusing.Add(machine);
        return Lasting($"{node} refuses although it lives", () => World.Network.Refusing.Remove(machine));
    }

    /// <summary>Takes the store away.</summary>
    /// <param name="node">Who does not reach it; default: nobody does.</param>
    public IDisposable CutStore(SimulatedNode? node = null)
    {
        World.Database!.BeginOutage(node?.Machine);
        return Lasting($"{node?.Name ?? "nobody"} {(node is null ? "reaches" : "does not reach")} the store", () => World.Database.EndOutage(node?.Machine));
    }

    private LastingFault Block(string words, params (SimulatedMachine From, SimulatedMachine To)[] ways)
    {
        foreach (var (from, to) in ways) World.Network.Block(from, to);
        return Lasting(words, () =>
        {
            foreach (var (from, to) in ways) World.Network.Unblock(from, to);
        });
    }

    private LastingFault Lasting(string words, Action end)
    {
        Say(words);
        return new LastingFault(() =>
        {
            Say($"end of: {words}");
            end();
        });
    }

    private void Say(string words) => World.Say(TraceKind.Fault, words);

    /// <summary>A fault until it is disposed.</summary>
    private sealed class LastingFault(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose()
        {
            _end?.Invoke();
            _end = null;
        }
    }
}
