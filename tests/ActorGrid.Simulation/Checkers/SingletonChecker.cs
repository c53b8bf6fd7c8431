using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>A singleton is in memory at its owner without being asked, once faults have ceased; and what it shows there never goes back. That it has one writer, the fences hold.</summary>
internal sealed class SingletonChecker(EntityId entity)
{
    private readonly Dictionary<SimulatedProcess, int> _active = [];

    /// <summary>How often it became active.</summary>
    public int Activations { get; private set; }

    /// <summary>The options of its type, for the process that this runs in.</summary>
    public EntityOptions<int[]> Watched(EntityOptions<int[]> options)
    {
        var process = ((SimulatedContext)SynchronizationContext.Current!).Process;
        return options with
        {
            AlwaysActive = [entity.Key],
            OnDurable = (id, state) => OnDurable(process, id, state.Length),
            OnLeft = id => OnLeft(process, id),
        };
    }

    /// <summary>Waits until it is active at its owner, and there alone.</summary>
    public Task CheckAsync(SimulatedGrid grid) =>
        grid.UntilAsync(() => IsActiveWhereItBelongs(grid), $"{entity} is active at its owner without being asked, and nowhere else", grid.Options.WholeWithin);

    private void OnDurable(SimulatedProcess process, EntityId id, int count)
    {
        if (id != entity) return;
        if (!_active.TryGetValue(process, out int before)) Activations++;
        // What a hook throws is only logged.
        else if (count < before) process.World.Fail(new PromiseBrokenException($"{entity} had {before} numbers on {process.Machine.Name}, and then {count}.", entity: entity));
        _active[process] = count;
    }

    private void OnLeft(SimulatedProcess process, EntityId id)
    {
        if (id == entity) _active.Remove(process);
    }

    private bool IsActiveWhereItBelongs(SimulatedGrid grid)
    {
        var view = grid.Journal.View;
        string? owner = view.Find(view.Shards[view.ShardOf(entity).Value].Owner)?.Endpoint;
        var at = _active.Keys.Where(process => !process.IsDead).Select(process => process.Machine.Name).ToList();
        return at.Count == 1 && string.Equals(at[0], owner, StringComparison.Ordinal);
    }
}
