using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The shards that a node owns, which come and go one by one, and the entities in them.</summary>
/// <remarks>
/// <para>Calls are taken in from any thread. Everything else is called by one at a time: the host of a single node, or the steward of a
/// node in a cluster.</para>
/// <para>A shard is expected, then open, then perhaps releasing, and closed. Between expected and closed it takes calls; they wait unless
/// it is open.</para>
/// </remarks>
internal sealed class ShardHost
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly ActorSystem _system;
    private readonly NodeSetting _node;
    private readonly ActorRef<CommitLane.IMessage>[] _commits;
    private readonly ActorRef[] _lanes;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Shards that were told to close, and may not have come to it yet.</summary>
    private readonly List<Task> _closing = [];

    /// <summary>By the number of the shard. It grows by exchange, and its elements change in place.</summary>
    private Seat?[] _seats = [];
    private bool _isClosed;

    private ShardHost(ActorSystem system, NodeSetting node, ActorRef<CommitLane.IMessage>[] commits, ActorRef[] lanes)
    {
        _system = system;
        _node = node;
        _commits = commits;
        _lanes = lanes;
    }

    /// <summary>Starts without a shard.</summary>
    /// <param name="system">Where the shards run.</param>
    /// <param name="store">The store, opened.</param>
    /// <param name="types">The entity types.</param>
    /// <param name="options">Bounds and times, checked.</param>
    /// <param name="shardOf">The shard of an entity.</param>
    /// <param name="gate">Asked at the release of each reply that rests on no append; null: there is nobody else who could own a
    /// shard.</param>
    /// <param name="watcher">Is told of shards that stop on their own.</param>
    /// <param name="handoverBytesMax">The most bytes of states that a shard takes along when it moves, those used last first; all shards on
    /// the move together may take 16 times as many.</param>
    /// <param name="subscriptions">Is told of what shards commit, and keeps what it has not begun with; null: nobody asks.</param>
    public static ShardHost Start(
        ActorSystem system, IGridStore store, EntityTypes types, EntityHostOptions options, Func<EntityId, ShardId> shardOf, IAnswerGate? gate,
        IShardWatcher watcher, int handoverBytesMax, SubscriptionHost? subscriptions = null)
    {
        var entities = new Budget(options.EntitiesInMemoryMax, NodeMeter.EntitiesInMemory);
        var horizon = new ReplyHorizon();
        var births = new RecordedBirths();
        ActorRef<CommitLane.IMessage>[] commits =
            [.. Enumerable.Range(0, options.CommitLanes).Select(_ => system.Spawn(() => new CommitLane(store.Journal, options)))];
        var reads = system.Spawn(() => new ReadLane(store.Journal, options));
        var snapshots = system.Spawn(() => new SnapshotLane(store.Snapshots));
        var janitor = system.Spawn(() => new ReplyJanitor(store.Journal, options, horizon, births));
        // Without an encrypted type nobody asks for a key.
        var keys = types.All.Any(static type => type.IsEncrypted) ? system.Spawn(static () => new KeyLane()) : null;
        var retention = types.All.Any(static type => type.Options.RemoveEventsAfter is not null) ? system.Spawn(() => new RetentionLane(store.Journal, subscriptions?.Names ?? [])) : null;
        var node = new NodeSetting(
            store, options, types, shardOf, entities, new Budget(options.RepliesInMemoryMax), horizon, births, new LogLimit(system.Time),
            new LogLimit(system.Time), reads, snapshots, keys, retention, handoverBytesMax, new Budget(16L * handoverBytesMax), gate, watcher, subscriptions?.Follower);
        return new ShardHost(system, node, commits, [.. commits, reads, snapshots, janitor, .. keys is null ? Array.Empty<ActorRef>() : [keys], .. retention is null ? Array.Empty<ActorRef>() : [retention]]);
    }

    /// <summary>Whether no call is taken in any more.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Takes a call in. From then on the shard holds it, until it has ended.</summary>
    /// <returns>False if the shard is not here; the caller still holds the call. A shard that is full fails it with
    /// <see cref="OverloadedException"/>. </returns>
    public bool TryAdmit(ShardId shard, IEntityCall call)
    {
        if (Find(shard) is not { } seat || IsClosed) return false;
        if (!seat.Load.TryEnter())
        {
            call.Fail(seat.Load.Refuse(call.Entity));
            return true;
        }
        if (!seat.Actor.TryTell(call))
        {
            // It was closed in this moment.
            seat.Load.Leave();
            return false;
        }
        NodeMeter.OnAsk();
        return true;
    }

    /// <summary>Refuses a command before anything is made of it, if its shard is full at the moment.</summary>
    /// <returns>Null: it may be taken in.</returns>
    public OverloadedException? RefuseIfFull(ShardId shard, EntityId entity) =>
        !IsClosed && Find(shard) is { Load: { IsFull: true } load } ? load.Refuse(entity) : null;

    /// <summary>From now on calls of the shard are taken in, and wait until it is open, their deadline has passed, or it is closed.
    /// Harmless if the shard is here.</summary>
    public void Expect(ShardId shard)
    {
        if (IsClosed || Find(shard) is not null) return;
        var load = new ShardLoad(_node.Options.CommandsPerShardMax, _system);
        var setting = new ShardSetting(_node, shard, _commits[shard.Value % _commits.Length], load);
        var seat = new Seat(_system.Spawn(() => new ShardActor(setting)), load);
        if (shard.Value >= _seats.Length)
        {
            var larger = _seats;
            Array.Resize(ref larger, Math.Max(shard.Value + 1, _seats.Length * 2));
            Volatile.Write(ref _seats, larger);
        }
        Volatile.Write(ref _seats[shard.Value], seat);
    }

    /// <summary>Serves an expected shard.</summary>
    /// <param name="raised">How its fence was raised.</param>
    /// <param name="states">What its last owner handed over; used if and only if its offset is that of <paramref name="raised"/>.</param>
    public void Open(FenceOutcome raised, HandedOver? states) => Find(raised.Shard)?.Actor.TryTell(new OpenShard(raised, states));

    /// <summary>Lets the calls that are in hand end and new ones wait, and gives the durable states away. The shard decides nothing any
    /// more until <see cref="Resume"/>, and is still to be closed.</summary>
    /// <returns>The states, once nothing is in hand; null if the shard was not open, or was lost, resumed or closed meanwhile.</returns>
    public Task<HandedOver?> ReleaseAsync(ShardId shard)
    {
        var done = new TaskCompletionSource<HandedOver?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Find(shard) is not { } seat || !seat.Actor.TryTell(new ReleaseShard(done))) done.SetResult(null);
        return done.Task;
    }

    /// <summary>Serves a shard on that was released, since its move was cancelled.</summary>
    public void Resume(ShardId shard) => Find(shard)?.Actor.TryTell(ResumeShard.Instance);

    /// <summary>Drops a shard at once; its calls fail with <see cref="OwnershipLostException"/>. Harmless if it is not here.</summary>
    public void Close(ShardId shard, string why)
    {
        if (Find(shard) is not { } seat) return;
        Volatile.Write(ref _seats[shard.Value], null);
        var close = new CloseShard(why, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!seat.Actor.TryTell(close)) return;
        _closing.RemoveAll(static done => done.IsCompleted);
        _closing.Add(close.Done.Task);
    }

    /// <summary>Drops all shards at once, and ends when they have dropped all that they had, with those that were closed before: whatever
    /// they still answer was answered by then. What they have under way in the store is not waited for.</summary>
    public async Task CloseAllAsync(string why)
    {
        for (int i = 0; i < _seats.Length; i++) Close(new ShardId(i), why);
        foreach (var done in _closing.ToArray()) await done;
    }

    /// <summary>Refuses new calls, finishes those in hand, and stops. Idempotent: each call waits for the same end.</summary>
    /// <param name="cancellationToken">Ends the patience: what is not finished then is dropped.</param>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (!Interlocked.Exchange(ref _isClosed, true)) _ = FinishAsync(cancellationToken);
        return _stopping.Task;
    }

    private Seat? Find(ShardId shard)
    {
        var seats = Volatile.Read(ref _seats);
        return (uint)shard.Value < (uint)seats.Length ? Volatile.Read(ref seats[shard.Value]) : null;
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StopActorsAsync([.. _seats.OfType<Seat>()], cancellationToken);
            _stopping.TrySetResult();
        }
        catch (Exception e)
        {
            _stopping.TrySetException(e);
        }
    }

    private async Task StopActorsAsync(Seat[] seats, CancellationToken cancellationToken)
    {
        // When the patience ends the shards drop what they have; that ends the wait below too.
        using var patience = cancellationToken.UnsafeRegister(
            static seats =>
            {
                foreach (var seat in (Seat[])seats!) seat.Actor.TryTell(StopNow.Instance);
            },
            seats);
        List<TaskCompletionSource> idle = [.. seats.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        for (int i = 0; i < idle.Count; i++) seats[i].Actor.Tell(new StopWhenIdle(idle[i]));
        // One after the other: combined tasks would go on outside the caller's context, which a simulation has to hold.
        foreach (var done in idle) await done.Task;
        foreach (var seat in seats) await seat.Actor.StopAsync(DrainTimeout, CancellationToken.None);
        foreach (var lane in _lanes) await lane.StopAsync(DrainTimeout, CancellationToken.None);
    }

    /// <summary>Where a shard of this node is reached.</summary>
    private sealed record Seat(ActorRef<IShardMessage> Actor, ShardLoad Load);
}
