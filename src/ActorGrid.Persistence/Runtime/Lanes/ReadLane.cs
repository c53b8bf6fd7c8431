using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Reads the histories of entities for all shards of the node: many in one round trip, and a bounded number of round trips at a
/// time.</summary>
internal sealed class ReadLane(IEventJournal journal, EntityHostOptions options) : Actor<ReadLane.IMessage>
{
    /// <summary>Entities in one round trip.</summary>
    private const int ReadsMax = 64;

    /// <summary>Those that a caller waits for go before those that are only to be there.</summary>
    private readonly Queue<Request> _asked = new(), _wanted = new();

    /// <summary>Those whose round trip failed for a reason that may be one of them: each in a round trip of its own.</summary>
    private readonly Queue<Request> _alone = new();
    private int _underWay;
    private bool _goIsSent;

    protected override ValueTask OnMessageAsync(IMessage message)
    {
        switch (message)
        {
            case Request request:
                (request.IsAsked ? _asked : _wanted).Enqueue(request);
                GoSoon();
                break;
            case Go:
                _goIsSent = false;
                while (_underWay < options.RecoveryReadsMax && IsWaiting) StartNext();
                break;
            case Ended ended:
                _underWay--;
                NodeMeter.OnRead(Context.Time.GetElapsedTime(ended.StartedAt));
                End(ended);
                GoSoon();
                break;
        }
        return default;
    }

    private bool IsWaiting => _alone.Count + _asked.Count + _wanted.Count > 0;

    private void GoSoon()
    {
        if (_goIsSent || _underWay >= options.RecoveryReadsMax || !IsWaiting) return;
        _goIsSent = true;
        Self.Tell(Go.Instance);
    }

    private void StartNext()
    {
        var requests = new List<Request>();
        if (_alone.TryDequeue(out var request)) requests.Add(request);
        else while (requests.Count < ReadsMax && (_asked.TryDequeue(out request) || _wanted.TryDequeue(out request))) requests.Add(request);
        _underWay++;
        NodeMeter.OnRecoveryRead(requests.Count);
        // The events of a round trip are bounded too: long histories come in more pages.
        int eventsMax = Math.Max(1, options.RecoveryEventsMax / requests.Count);
        IReadOnlyList<EntityRead> reads = [.. requests.Select(r => new EntityRead(r.Slot.Id, r.Slot.ReadAfter, eventsMax))];
        long startedAt = Context.Time.GetTimestamp();
        Context.PipeToSelf(
            StoreTask.From(() => journal.ReadEntitiesAsync(reads, CancellationToken.None)),
            pages => pages.Count == requests.Count
                ? new Ended(requests, startedAt, pages, null)
                : new Ended(requests, startedAt, [], new StoreException($"The store gave {pages.Count} histories for {requests.Count} reads.", isTransient: true)),
            e => new Ended(requests, startedAt, [], e));
    }

    private void End(Ended ended)
    {
        if (ended.Error is not null and not StoreException { IsTransient: true } && ended.Requests.Count > 1)
        {
            foreach (var request in ended.Requests) _alone.Enqueue(request);
            return;
        }
        for (int i = 0; i < ended.Requests.Count; i++)
        {
            var request = ended.Requests[i];
            request.Owner.Tell(new EntityReadEnded(request.Slot, ended.Error is null ? ended.Pages[i] : null, ended.Error));
        }
    }

    internal interface IMessage;

    /// <summary>The next page of an entity. Until the answer has come, the slot's place in its history does not change.</summary>
    internal sealed record Request(EntitySlot Slot, ActorRef<IShardMessage> Owner, bool IsAsked) : IMessage;

    private sealed class Go : IMessage
    {
        public static readonly Go Instance = new();
    }

    private sealed record Ended(IReadOnlyList<Request> Requests, long StartedAt, IReadOnlyList<EntityPage> Pages, Exception? Error) : IMessage;
}

/// <summary>Brings a shard a page of an entity's history, or why there is none.</summary>
internal sealed record EntityReadEnded(EntitySlot Slot, EntityPage? Page, Exception? Error) : IShardMessage;
