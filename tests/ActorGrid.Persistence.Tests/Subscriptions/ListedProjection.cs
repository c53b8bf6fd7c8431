namespace ActorGrid.Persistence.Tests;

/// <summary>Lists the numbers of all ledgers, page by page.</summary>
/// <param name="given">The list.</param>
/// <param name="onCommitted">Called when a page is committed and its runner does not know it yet.</param>
internal sealed class ListedProjection(List<int> given, Action? onCommitted = null) : Subscription("listed", typeof(Ledger), typeof(LedgerEvent), null)
{
    internal override IEventSink Bind(EntityType type, IGridStore store) => new Sink(type, store, given, onCommitted);

    private sealed class Sink(EntityType type, IGridStore store, List<int> given, Action? onCommitted) : IEventProjector
    {
        public async Task<bool> ProjectAsync(CursorMove move, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
        {
            var decoded = DecodeAll<LedgerEvent>("listed", type, move.Key.Shard, events);
            if (!(await store.Cursors.MoveAsync([move], cancellationToken))[0]) return false;
            given.AddRange(decoded.Select(e => ((Added)e.Event).Number));
            onCommitted?.Invoke();
            return true;
        }
    }
}
