using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>
/// What a subscription was given, over all processes: each event at least once, none before all before it were done with, always under the same id, and none that its stored cursor has not claimed. And that
/// cursor never names an event that is not done with.
/// </summary>
/// <param name="grid">The grid.</param>
/// <param name="name">The name of the subscription.</param>
/// <param name="type">The entity type whose events it gets.</param>
internal sealed class SubscriptionHistory(SimulatedGrid grid, string name, string type) : IStoreObserver
{
    private const int PageMax = 100;

    private readonly Dictionary<ShardId, Progress> _shards = [];
    private readonly Dictionary<(ShardId Shard, long Offset), CommandId> _ids = [];

    /// <summary>How many events were given.</summary>
    public int Events => _ids.Count;

    /// <summary>How many events were given more than once.</summary>
    public int Repetitions { get; private set; }

    /// <summary>An event is given. What a handler throws is only tried again, so a promise that was broken ends the run.</summary>
    public void Given<TEvent>(EventEnvelope<TEvent> e)
        where TEvent : class
    {
        if (FirstMissing(e.Shard, e.Offset - 1) is { } before) Fail($"got {e} of {e.Shard} before event {before.Sequence} of {before.Entity} was done with", e.Entity);
        var cursor = Now(Memory.Cursors.ReadAsync([new CursorKey(name, e.Shard)], default))[0];
        if (cursor.GivenTo < e.Offset) Fail($"got event {e.Offset} of {e.Shard}, and its stored cursor is {cursor}", e.Entity);
        if (_ids.TryAdd((e.Shard, e.Offset), e.CommandId)) return;
        Repetitions++;
        if (_ids[(e.Shard, e.Offset)] != e.CommandId) Fail($"got {e} under another id than before", e.Entity);
    }

    /// <summary>The subscription is done with an event.</summary>
    public void Done<TEvent>(EventEnvelope<TEvent> e)
        where TEvent : class => Of(e.Shard).Done.Add(e.Offset);

    /// <summary>What was committed and is not done with; null: nothing.</summary>
    public string? Missing()
    {
        for (int i = 0; i < grid.Options.ShardCount; i++)
        {
            if (FirstMissing(new ShardId(i), long.MaxValue) is { } missing) return $"event {missing.Sequence} of {missing.Entity} was not given to '{name}'";
        }
        return null;
    }

    public void OnCursor(SimulatedProcess writer, CursorMove move, bool isMoved)
    {
        if (!isMoved || move.Key.Name != name) return;
        var (shard, to) = (move.Key.Shard, move.To);
        if (FirstMissing(shard, to.Offset) is { } missing) Fail($"has stored the cursor {to} of {shard}, and is not done with event {missing.Sequence} of {missing.Entity}", missing.Entity);
        var progress = Of(shard);
        if (to.Offset < progress.Stored) Fail($"has stored the cursor {to} of {shard} after the offset {progress.Stored}", entity: null);
        progress.Stored = to.Offset;
    }

    public void OnAppend(SimulatedProcess writer, ShardAppend append, AppendOutcome outcome)
    {
    }

    public void OnFence(SimulatedProcess writer, FenceRaise raise, FenceOutcome outcome)
    {
    }

    public void OnView(SimulatedProcess writer, ClusterView view, IReadOnlyList<Revocation> revocations)
    {
    }

    private InMemoryStore Memory => grid.World.Database!.Memory;

    /// <summary>The first event up to that offset that is the subscription's and not done with.</summary>
    private JournalEvent? FirstMissing(ShardId shard, long upTo)
    {
        var progress = Of(shard);
        while (progress.To < upTo)
        {
            var page = Now(Memory.Journal.ReadShardAsync(shard, progress.To, (int)Math.Min(PageMax, upTo - progress.To), default)).Events;
            if (page.Count == 0) return null;
            foreach (var stored in page)
            {
                // In the place of events that were removed.
                if (stored.Offset > upTo) return null;
                if (IsMine(stored.Event) && !progress.Done.Remove(stored.Offset)) return stored.Event;
                progress.To = stored.Offset;
            }
        }
        return null;
    }

    private Progress Of(ShardId shard)
    {
        if (!_shards.TryGetValue(shard, out var progress)) _shards.Add(shard, progress = new Progress());
        return progress;
    }

    private bool IsMine(JournalEvent e) => e.Entity.Type == type && e.Manifest[0] != '$';

    private void Fail(string what, EntityId? entity) => grid.World.Fail(new PromiseBrokenException($"The subscription '{name}' {what}.", entity: entity));

    /// <summary>The store in memory has read when it returns.</summary>
    private static T Now<T>(Task<T> read) => read.GetAwaiter().GetResult();

    private sealed class Progress
    {
        /// <summary>All up to there is done with, or not the subscription's.</summary>
        public long To { get; set; }

        /// <summary>The offset of the cursor that was stored last.</summary>
        public long Stored { get; set; }

        /// <summary>What is done with beyond.</summary>
        public HashSet<long> Done { get; } = [];
    }
}
