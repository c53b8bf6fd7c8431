using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Removes events below snapshots for all shards of the node, off the path of commands: some of several entities in one call, one call at a time.</summary>
/// <remarks>A shard asks for an entity once, and again only after the answer. One that was lost and has come back may ask while its earlier removal still waits; that one is fenced.</remarks>
internal sealed partial class RetentionLane(IEventJournal journal, IReadOnlyList<string> subscriptions) : Actor<RetentionLane.IMessage>
{
    /// <summary>Entities in one call.</summary>
    private const int EntitiesMax = 16;

    /// <summary>Events in one call: appends wait behind it.</summary>
    private const int EventsMax = 500;

    /// <summary>Entities that wait, beyond which more are left out: their next snapshot asks again.</summary>
    private const int WaitingMax = 10_000;

    private readonly Queue<Remove> _waiting = new();

    /// <summary>Those of a call that failed for good, each of which is tried by itself, so that one is not the fault of the others.</summary>
    private readonly Queue<Remove> _alone = new();
    private int _failures;
    private bool _isAtWork;

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        return default;
    }

    protected override ValueTask OnMessageAsync(IMessage message)
    {
        switch (message)
        {
            case Remove remove when _waiting.Count < WaitingMax:
                _waiting.Enqueue(remove);
                break;
            case Remove remove:
                Answer(remove);
                break;
            case Ended ended:
                End(ended);
                break;
            case Again:
                _isAtWork = false;
                break;
        }
        if (!_isAtWork && _waiting.Count + _alone.Count > 0) StartNext();
        return default;
    }

    private void StartNext()
    {
        var some = new List<Remove>();
        if (_alone.TryDequeue(out var alone)) some.Add(alone);
        else TakeWaiting(some);
        long nowMs = Context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        EventRemoval[] removals = [.. some.Select(r => new EventRemoval(r.Shard, r.Fence, r.Entity, r.SnapshotSequence, nowMs - (long)r.After.TotalMilliseconds + 1, EventsMax / some.Count))];
        _isAtWork = true;
        Context.PipeToSelf(
            StoreTask.From(() => journal.RemoveEventsAsync(removals, subscriptions, CancellationToken.None)),
            outcomes => outcomes.Count == some.Count
                ? new Ended(some, outcomes, null)
                : new Ended(some, [], new StoreException($"The store gave {outcomes.Count} outcomes for {some.Count} removals.", isTransient: false)),
            e => new Ended(some, [], e));
    }

    private void TakeWaiting(List<Remove> some)
    {
        for (int i = _waiting.Count; i > 0 && some.Count < EntitiesMax; i--)
        {
            var remove = _waiting.Dequeue();
            // A call names an entity once.
            if (some.Exists(other => other.Entity == remove.Entity)) _waiting.Enqueue(remove);
            else some.Add(remove);
        }
    }

    private void End(Ended ended)
    {
        if (ended.Error is { } error)
        {
            EndFailed(ended.What, error);
            return;
        }
        (_isAtWork, _failures) = (false, 0);
        int count = 0;
        for (int i = 0; i < ended.What.Count; i++)
        {
            count += ended.Outcomes[i].Count;
            // Behind those that wait, so that a long history keeps nobody from his turn.
            if (ended.Outcomes[i].HasMore) _waiting.Enqueue(ended.What[i]);
            else Answer(ended.What[i]);
        }
        if (count > 0) NodeMeter.OnEventsRemoved(count);
    }

    /// <summary>It may have been done, and may yet be: whoever depends on it has to raise the fence first.</summary>
    private void EndFailed(List<Remove> what, Exception error)
    {
        LogFailed(what.Count, error);
        bool isTransient = error is StoreException { IsTransient: true };
        foreach (var remove in what)
        {
            var doubtful = remove with { IsInDoubt = true };
            if (isTransient) _waiting.Enqueue(doubtful);
            else if (what.Count > 1) _alone.Enqueue(doubtful);
            else Answer(doubtful);
        }
        // The next ones would most likely meet the same.
        _failures++;
        Context.Timers.StartOnce(typeof(Again), RetryDelay.After(_failures), Again.Instance);
    }

    private static void Answer(Remove remove) => remove.Owner.TryTell(new RemovalEnded(remove.Entity, remove.Fence, remove.IsInDoubt));

    internal interface IMessage;

    /// <summary>Asks for events of an entity to be removed.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Fence">The fence that it has.</param>
    /// <param name="Entity">The entity.</param>
    /// <param name="SnapshotSequence">The snapshot below which they may go.</param>
    /// <param name="After">How old they have to be.</param>
    /// <param name="Owner">Is told when that has ended, once.</param>
    /// <param name="IsInDoubt">Whether the outcome of a call of it is not known.</param>
    internal sealed record Remove(ShardId Shard, Fence Fence, EntityId Entity, long SnapshotSequence, TimeSpan After, ActorRef<IShardMessage> Owner, bool IsInDoubt = false) : IMessage;

    private sealed record Ended(List<Remove> What, IReadOnlyList<RemovalOutcome> Outcomes, Exception? Error) : IMessage;

    private sealed class Again : IMessage
    {
        public static readonly Again Instance = new();
    }
}

/// <summary>Tells a shard that nothing is removed of an entity any more; unless that is in doubt, since then a call may land late, for as long as the shard has that fence.</summary>
internal sealed record RemovalEnded(EntityId Entity, Fence Fence, bool IsInDoubt) : IShardMessage;
