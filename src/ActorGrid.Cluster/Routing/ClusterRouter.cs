using System.Collections.Concurrent;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Asks entities wherever they live in the cluster, and takes in what other nodes ask of this one.</summary>
/// <remarks>
/// <para>An ask goes straight from its caller's thread to the shard, if this node owns it, or to the link of the owner. Whatever does not go through at once,
/// or comes back, goes to the <see cref="RouterActor"/>, which sends it again when that may help, until its deadline.</para>
/// <para>At any time an ask has one holder: a shard of this node, an attempt in the <see cref="AttemptTable"/>, or the router's actor. It is handed on by
/// whoever holds it, or taken out of the table by whoever comes first.</para>
/// <para>Made once for a node, over all its incarnations. Thread-safe.</para>
/// </remarks>
internal sealed partial class ClusterRouter : IEntityRouter, IAskRetry, IMessageReceiver
{
    /// <summary>Asks under way to other nodes, own ones and those that are passed on: their shards bound them, unless a link is slow to close.</summary>
    private const int AttemptsMax = 1_000_000;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly NodeParts _parts;
    private readonly EntityTypes _types;
    private readonly Func<ShardId, IEntityCall, bool> _admit;
    private readonly Func<ShardId, EntityId, OverloadedException?> _refuse;
    private readonly Refusals _parkedRefusals;
    private readonly Refusals _inboundRefusals;
    private readonly ShardSpaces _spaces;
    private readonly CommandIdSource _ids;
    private readonly AttemptTable _attempts;
    private bool _isClosed;
    private int _parked;
    private long _inboundBytes;

    /// <summary>Makes the router of a node.</summary>
    /// <param name="parts">What the node's parts share.</param>
    /// <param name="admit">Takes a call of a shard of this node in, as <see cref="ShardHost.TryAdmit"/> does; of a client: never.</param>
    /// <param name="refuse">Refuses what it would not take in, as <see cref="ShardHost.RefuseIfFull"/> does.</param>
    public ClusterRouter(NodeParts parts, Func<ShardId, IEntityCall, bool> admit, Func<ShardId, EntityId, OverloadedException?> refuse)
    {
        _parts = parts;
        _types = parts.Types;
        _admit = admit;
        _refuse = refuse;
        var (options, system) = (parts.Options, parts.System);
        _parkedRefusals = new Refusals(
            "asks that wait for their owners at this node", nameof(ClusterOptions.ParkedAsksMax), options.ParkedAsksMax, system.Time, system.Random);
        _inboundRefusals = new Refusals(
            "bytes of commands of other nodes in the hands of its node", nameof(ClusterOptions.InboundBytesMax), options.InboundBytesMax, system.Time, system.Random);
        _spaces = new ShardSpaces(_types, parts.Setting.Grid.ShardCount);
        _ids = new CommandIdSource(parts.System.Time, parts.System.Random);
        _attempts = new AttemptTable(parts.System.Random.NextInt64());
        var parked = new SortedDictionary<ShardId, ParkedShard>();
        // What is parked outlives the actor, should it fail.
        Actor = parts.System.Spawn(() => new RouterActor(this, parked));
    }

    /// <summary>Is to be told of views, links and the end of an incarnation.</summary>
    public ActorRef<IRouterMessage> Actor { get; }

    public NodeParts Parts => _parts;

    public AttemptTable Attempts => _attempts;

    /// <summary>The shards that asks wait for: new ones wait behind them.</summary>
    public ConcurrentDictionary<ShardId, Guid> Holding { get; } = new();

    /// <summary>How many asks the router's actor has, or is about to get.</summary>
    public int Parked => Volatile.Read(ref _parked);

    /// <summary>By the owner that there is no link to: who was seen to pass asks on to it.</summary>
    public ConcurrentDictionary<Guid, Guid> Relays { get; } = new();

    /// <inheritdoc/>
    public Task<TReply> AskAsync<TEntity, TReply>(
        EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : Entity
        where TReply : notnull
    {
        var type = _types.Check<TEntity>(entity, command);
        var timeout = _parts.Setting.Entities.CheckTimeout(options);
        var standing = _parts.Standing;
        bool hasShard = _spaces.TryShardOf(type, entity, standing?.View, out var shard);
        var system = _parts.System;
        var ask = new RoutedAsk<TReply>(
            system.Deadlines, timeout, cancellationToken, entity, shard, type, command, options?.CommandId ?? _ids.Next(), this, system.Time.GetTimestamp())
        {
            // An id that was issued this moment cannot have been used before.
            Novelty = options?.CommandId is null ? IdNovelty.JustIssued : IdNovelty.Unknown,
            // Whoever gives an id may have sent it before, and what was sent then may still be on its way.
            MayRunTwice = options?.CommandId is not null,
        };
        if (AskTrace.IsWanted) ask.Trace = AskTrace.Begin(ask.Task, entity, type, command, system.Time);
        if (Volatile.Read(ref _isClosed)) ask.GiveUp(Stopped(entity));
        else if (standing is null || !hasShard || IsHeld(shard) || TryForward(ask, shard, standing) != Obstacle.None) Park(ask);
        return ask.Task;
    }

    /// <inheritdoc/>
    public void Retry(IPendingAsk ask, TimeSpan pause) => GiveToActor(ask, _parts.Standing?.Incarnation ?? Guid.Empty, pause);

    /// <summary>Refuses new asks of this node, and waits for those that are on their way to others. It goes on serving other nodes.</summary>
    /// <param name="cancellationToken">Ends the patience: what is in hand then ends with <see cref="OwnershipLostException"/>.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _isClosed, true);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Actor.Tell(new DrainRouter(done));
        using var patience = cancellationToken.UnsafeRegister(static actor => ((ActorRef<IRouterMessage>)actor!).TryTell(RouterTick.GiveUp), Actor);
        await done.Task;
    }

    /// <summary>Ends what is still in hand, once the node serves nobody any more. After <see cref="DrainAsync"/>.</summary>
    public async Task StopAsync()
    {
        await DrainAsync(new CancellationToken(canceled: true));
        await Actor.StopAsync(StopPatience, CancellationToken.None);
    }

    /// <summary>What a caller gets whose own node has stopped.</summary>
    public static OwnershipLostException Stopped(EntityId entity) => new(entity, default, "this node has stopped");

    /// <summary>The shard of an entity, if a view has shown it.</summary>
    public bool TryShardOf(EntityType type, EntityId entity, Standing standing, out ShardId shard) => _spaces.TryShardOf(type, entity, standing.View, out shard);

    /// <summary>Hands an ask to the actor, which holds it from then on.</summary>
    /// <param name="ask">The ask.</param>
    /// <param name="refusedBy">The owner that would not have it; empty: nobody.</param>
    /// <param name="pause">For how long that one wants to see nobody.</param>
    public void GiveToActor(IPendingAsk ask, Guid refusedBy, TimeSpan pause = default)
    {
        Interlocked.Increment(ref _parked);
        var message = new AskUnrouted(ask, refusedBy, pause);
        if (!Actor.TryTell(message)) message.Fail(Stopped(ask.Entity));
    }

    /// <summary>The actor has taken asks itself.</summary>
    public void CountParked(int count) => Interlocked.Add(ref _parked, count);

    /// <summary>Asks have left the actor.</summary>
    public void Unpark(int count = 1) => Interlocked.Add(ref _parked, -count);

    /// <summary>Only what has never been sent anywhere may be refused: of all else it is not known whether it took effect.</summary>
    private void Park(IPendingAsk ask)
    {
        if (Parked < _parts.Options.ParkedAsksMax || ask.MayHaveRun) GiveToActor(ask, Guid.Empty);
        else ask.GiveUp(_parkedRefusals.Refuse(ask.Entity.ToString()));
    }

    /// <summary>Nearly always nobody waits; the count spares the look at the set.</summary>
    private bool IsHeld(ShardId shard) => Parked > 0 && Holding.ContainsKey(shard);
}
