using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Runs in which events below snapshots are removed: with a subscription that must get each of them before, in most; and what is left has to recover.</summary>
/// <param name="after">The age of events that are removed.</param>
/// <param name="isSubscribed">Whether there is a subscription.</param>
/// <param name="draw">Decides when the handler fails.</param>
internal sealed class RetentionHistory(TimeSpan after, bool isSubscribed, SeededRandom draw)
{
    private readonly Dictionary<EntityId, HashSet<int>> _given = [];

    public TimeSpan After => after;

    public bool IsSubscribed => isSubscribed;

    /// <summary>From a source of its own, so that all other draws are what they are without it.</summary>
    public static RetentionHistory? Draw(int seed)
    {
        var draw = new SeededRandom(((ulong)seed * 0x8EBC6AF09C88C6E3) + 1);
        if (!draw.Chance(0.4)) return null;
        return new RetentionHistory(draw.Chance(0.5) ? TimeSpan.Zero : draw.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)), draw.Chance(0.6), draw);
    }

    public Task OnEventAsync(EventEnvelope<LedgerEvent> e)
    {
        if (draw.Chance(0.02)) throw new InvalidOperationException("Not now.");
        if (!_given.TryGetValue(e.Entity, out var numbers)) _given.Add(e.Entity, numbers = []);
        numbers.Add(((Added)e.Event).Number);
        return Task.CompletedTask;
    }

    /// <summary>Waits until all that a ledger holds was given.</summary>
    public Task CheckAsync(SimulatedGrid grid, EntityId ledger, int[] numbers) => !isSubscribed || numbers.Length == 0
        ? Task.CompletedTask
        : grid.UntilAsync(() => _given.GetValueOrDefault(ledger) is { } given && numbers.All(given.Contains), $"the subscription was given all events of {ledger}", TimeSpan.FromMinutes(2));

    /// <summary>Reads what is left as a new version would.</summary>
    public static async Task CheckAsync(SimulatedGrid grid, EntityType type)
    {
        var report = await JournalPreflight.RunAsync(grid.World.Database!.Memory.Journal, [type]);
        if (report.Types[0].Findings.Count > 0) throw new PromiseBrokenException($"What is left of the journal is not sound: {report}");
    }
}
