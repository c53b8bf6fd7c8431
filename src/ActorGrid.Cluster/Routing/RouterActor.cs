using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Holds the asks that cannot be sent at the moment, and sends them when that may help: the shard has another owner, a link has opened, a pause is
/// over, the node has its next incarnation.</summary>
internal sealed partial class RouterActor(ClusterRouter router, SortedDictionary<ShardId, ParkedShard> parked) : Actor<IRouterMessage>
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    /// <summary>Stands for the shard of asks whose shard is not known yet.</summary>
    private static readonly ShardId Unknown = new(-1);

    private readonly List<TaskCompletionSource> _drains = [];

    /// <summary>The incarnation that asks were sent under last.</summary>
    private Standing? _lastStanding;

    /// <summary>Counts the relays that were tried, so that each probe tries another.</summary>
    private int _relaysTried;

    /// <summary>With whom a round begins, so that a slow link does not always serve the same shards first.</summary>
    private ShardId _first;

    private Standing? Standing => router.Parts.Standing is { IsOver: false } standing ? standing : null;

    private TimeSpan Now => Context.Time.GetElapsedTime(0);

    protected override ValueTask OnStartAsync()
    {
        Context.Timers.StartPeriodic(RouterTick.Sweep, SweepEvery, RouterTick.Sweep);
        // An earlier instance may have failed.
        StartTimer();
        return default;
    }

    protected override ValueTask OnMessageAsync(IRouterMessage message)
    {
        switch (message)
        {
            case AskUnrouted unrouted:
                Route(unrouted.Ask, unrouted.RefusedBy, unrouted.Pause);
                break;
            case ViewChanged or LinkOpened:
                if (message is ViewChanged) SendAgain(IsOutdated);
                Reconsider((message as LinkOpened)?.Peer ?? Guid.Empty);
                break;
            case LinkClosed or StandingOver:
                SendAgain(IsLost);
                if (message is LinkClosed closed) DropAnswers(closed);
                break;
            case ShardAnswers answers:
                if (parked.TryGetValue(answers.Shard, out var shard) && shard.Owner == answers.Owner && shard.Answered(answers.IsFull)) Flush(shard);
                break;
            case AnswerUnsent answer:
                Keep(answer);
                break;
            case DrainRouter drain:
                _drains.Add(drain.Done);
                break;
            case RouterTick tick:
                OnTick(tick);
                break;
            default:
                throw new InvalidOperationException($"A router does not understand {message.GetType().Name}.");
        }
        StartTimer();
        EndDrainsIfIdle();
        return default;
    }

    private void OnTick(RouterTick tick)
    {
        if (tick == RouterTick.GiveUp)
        {
            GiveUp();
            return;
        }
        if (tick == RouterTick.Sweep) Sweep();
        SendAnswers();
        TakeSteps();
    }

    private void StartTimer()
    {
        bool isWaiting = parked.Count > 0 || _unsent.Count > 0 || _drains.Count > 0;
        if (isWaiting && !Context.Timers.IsRunning(RouterTick.Retry))
        {
            Context.Timers.StartOnce(RouterTick.Retry, RetryEvery, RouterTick.Retry);
        }
    }

    /// <summary>Sends an ask to the owner of its shard, or parks it.</summary>
    private void Route(IPendingAsk ask, Guid refusedBy, TimeSpan pause = default)
    {
        if (_isGivenUp) ask.GiveUp(ClusterRouter.Stopped(ask.Entity));
        if (ask.IsDone)
        {
            router.Unpark();
            return;
        }
        if (Standing is not { } standing)
        {
            Park(ParkedOf(Unknown, Guid.Empty), ask, Obstacle.NoStanding);
            return;
        }
        if (!router.TryShardOf(ask.Type, ask.Entity, standing, out var id))
        {
            Park(ParkedOf(Unknown, Guid.Empty), ask, Obstacle.NoShards);
            return;
        }
        var owner = OwnerOf(standing, id);
        parked.TryGetValue(id, out var shard);
        if (refusedBy != Guid.Empty && refusedBy == owner)
        {
            shard = ParkedOf(id, owner);
            shard.Refused(Now, Context.Random, pause);
            Park(shard, ask, Obstacle.None);
        }
        else if (shard is { IsHolding: true } && shard.Owner == owner)
        {
            Park(shard, ask, Obstacle.None);
        }
        else if (router.TryForward(ask, id, standing) is not Obstacle.None and var obstacle)
        {
            Park(ParkedOf(id, owner), ask, obstacle);
        }
        else
        {
            router.Unpark();
        }
    }

    private void Park(ParkedShard shard, IPendingAsk ask, Obstacle obstacle)
    {
        if (obstacle != Obstacle.None && !shard.IsHolding) shard.Blocked(progressed: false, needsProbe: obstacle == Obstacle.NoLink, Now, Context.Random);
        ask.Whereabouts = Describe(shard, obstacle);
        shard.Asks.Enqueue(ask);
        Hold(shard);
    }

    private ParkedShard ParkedOf(ShardId id, Guid owner)
    {
        if (!parked.TryGetValue(id, out var shard)) parked.Add(id, shard = new ParkedShard(id));
        if (shard.Owner != owner) shard.Begin(owner, Now);
        return shard;
    }

    private void Hold(ParkedShard shard)
    {
        if (shard.IsHolding) router.Holding[shard.Shard] = shard.Owner;
        else router.Holding.TryRemove(shard.Shard, out _);
    }

    private void Forget(ShardId id)
    {
        parked.Remove(id);
        router.Holding.TryRemove(id, out _);
    }

    private static Guid OwnerOf(Standing standing, ShardId shard)
    {
        var view = standing.View;
        return shard.Value < view.Shards.Length ? view[shard].Owner : Guid.Empty;
    }

    private string Describe(ParkedShard shard, Obstacle obstacle) => obstacle switch
    {
        Obstacle.NoStanding => "at this node, which has no view of the cluster",
        Obstacle.NoShards => "at this node, as no node that hosts the type has joined the grid",
        _ when shard.Owner == Guid.Empty => $"at this node, as {shard.Shard} has no owner",
        _ when shard.Owner == Standing?.Incarnation => $"at this node, which is about to serve {shard.Shard}",
        _ => $"at this node, waiting for node {Standing?.View.Find(shard.Owner)?.Name} to be reached or to serve {shard.Shard}",
    };
}
