using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>What a subscription to the ledgers was given, over all processes: each event at least once, and none before all before it were done with.</summary>
internal sealed class SubscriptionHistory
{
    private readonly Dictionary<ShardId, HashSet<long>> _done = [];
    private readonly Dictionary<(ShardId Shard, long Offset), CommandId> _ids = [];

    /// <summary>How many events were given more than once.</summary>
    public int Repetitions { get; private set; }

    /// <summary>The first promise that was broken; what a handler throws is only tried again.</summary>
    public PromiseBrokenException? Broken { get; private set; }

    /// <summary>An event is given.</summary>
    public void Given(SimulatedGrid grid, EventEnvelope<LedgerEvent> e)
    {
        var done = DoneIn(e.Shard);
        foreach (var before in Stored(grid, e.Shard))
        {
            if (before.Offset >= e.Offset) break;
            if (IsOfLedger(before) && !done.Contains(before.Offset)) Broken ??= new PromiseBrokenException($"The subscription got {e} of {e.Shard} before event {before.Event.Sequence} of {before.Event.Entity}.");
        }
        if (!_ids.TryAdd((e.Shard, e.Offset), e.CommandId))
        {
            Repetitions++;
            if (_ids[(e.Shard, e.Offset)] != e.CommandId) Broken ??= new PromiseBrokenException($"The subscription got {e} under another id than before.");
        }
    }

    /// <summary>The subscription is done with an event.</summary>
    public void Done(EventEnvelope<LedgerEvent> e) => DoneIn(e.Shard).Add(e.Offset);

    /// <summary>What was committed and not given so far; null: nothing.</summary>
    public string? Missing(SimulatedGrid grid)
    {
        for (int i = 0; i < grid.Options.ShardCount; i++)
        {
            var shard = new ShardId(i);
            var done = DoneIn(shard);
            foreach (var stored in Stored(grid, shard))
            {
                if (IsOfLedger(stored) && !done.Contains(stored.Offset)) return $"event {stored.Event.Sequence} of {stored.Event.Entity} was not given";
            }
        }
        return null;
    }

    private HashSet<long> DoneIn(ShardId shard)
    {
        if (!_done.TryGetValue(shard, out var done)) _done.Add(shard, done = []);
        return done;
    }

    private static bool IsOfLedger(StoredEvent stored) => stored.Event.Entity.Type == "ledger" && stored.Event.Manifest[0] != '$';

    /// <summary>The store in memory has read when it returns.</summary>
    private static IReadOnlyList<StoredEvent> Stored(SimulatedGrid grid, ShardId shard) =>
        grid.World.Database!.Memory.Journal.ReadShardAsync(shard, 0, int.MaxValue, default).GetAwaiter().GetResult();
}
