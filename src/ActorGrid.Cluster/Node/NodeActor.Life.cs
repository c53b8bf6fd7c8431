using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>How an incarnation begins.</summary>
internal sealed partial class NodeActor
{
    private static readonly Backoff StoreRetry = new() { First = TimeSpan.FromMilliseconds(50), Max = TimeSpan.FromSeconds(1) };

    private static readonly TimeSpan StillJoiningAfter = TimeSpan.FromSeconds(10);

    /// <summary>Twice within the time that an ask has by default.</summary>
    private static readonly TimeSpan LookForNodesEvery = TimeSpan.FromSeconds(4);

    /// <summary>The incarnation whose lease is being opened; empty: none.</summary>
    private Guid _opening;
    private int _openings;
    private int _lonelyLooks;

    /// <summary>Nothing rests on it but time.</summary>
    private void Rehearse()
    {
        try
        {
            if (!_parts.IsClient) DeathRehearsal.RunOnce(_parts);
        }
        catch (Exception e)
        {
            LogRehearsalFailed(e);
        }
    }

    private void BeginLife()
    {
        byte[] bytes = new byte[16];
        Context.Random.NextBytes(bytes);
        OpenLease(new Guid(bytes));
    }

    private void OnLifeMessage(LifeMessage message)
    {
        switch (message)
        {
            // This actor may have been restarted while an earlier instance of it was at that.
            case LeaseOpened opened when opened.Incarnation != _opening:
                break;
            case LeaseOpened opened when opened.Error is null:
                (_opening, _openings) = (Guid.Empty, 0);
                EndAbandoned();
                StartLife(opened.Incarnation, opened.View!);
                break;
            case LeaseOpened opened:
                OnOpenFailed(opened);
                break;
            case OpenAgain again:
                if (!_events.IsStopping) OpenLease(again.Incarnation);
                break;
            case BeginAgain when _life is null && !_events.IsStopping:
                BeginLife();
                break;
            case StillJoining joining:
                OnStillJoining(joining);
                break;
            case LookForNodes look:
                OnLookForNodes(look);
                break;
            case PartStopped stopped:
                OnPartStopped(stopped);
                break;
            case PartsStopped stopped:
                OnPartsStopped(stopped);
                break;
            case LeaseToEnd lease:
                EndLease(lease);
                break;
            case LeaseClosed closed:
                OnLeaseClosed(closed);
                break;
            case LeaveNow leave:
                OnLeave(leave);
                break;
        }
    }

    private void OpenLease(Guid incarnation)
    {
        _opening = incarnation;
        Context.PipeToSelf(OpenLeaseAsync(incarnation), view => new LeaseOpened(incarnation, view, null), e => new LeaseOpened(incarnation, null, e));
    }

    private async Task<ClusterView> OpenLeaseAsync(Guid incarnation)
    {
        // If this actor itself has failed and was restarted, nobody has closed them yet.
        await _make.CloseShards("its node starts over");
        using var patience = new CancellationTokenSource(_parts.Options.LeaseDuration, Context.Time);
        if (!_parts.IsClient) await Setting.ClusterStore.OpenLeaseAsync(incarnation, patience.Token);
        return await Setting.ClusterStore.ReadViewAsync(patience.Token);
    }

    private void OnOpenFailed(LeaseOpened opened)
    {
        if (opened.Error is StoreException { IsTransient: false } && _events.FailStart(opened.Error)) return;
        if (_openings == 0) LogOpenFailed(opened.Error!);
        Context.Timers.StartOnce(typeof(OpenAgain), StoreRetry.Delay(_openings++, Context.Random), new OpenAgain(opened.Incarnation));
    }

    private void StartLife(Guid incarnation, ClusterView view)
    {
        if (_events.IsStopping)
        {
            _events.Stopped();
            return;
        }
        ClusterMeter.OnIncarnation();
        _lonelyLooks = 0;
        var hello = new NodeHello(Setting.Grid.Name, incarnation, _parts.Name, Setting.Transport.Endpoint);
        var standing = new Standing(incarnation, view, new LeaseTrust(Context.Time, Setting.BootClock, _parts.Options.LeaseDuration));
        var life = _life = new Life(_parts, standing, SelfOf(incarnation), _typeRoles);
        life.Follow(view);
        if (FaultOfJoin(life) is { } fault)
        {
            if (_events.FailStart(new InvalidOperationException($"Node {_parts.Name} cannot join: {fault}")))
            {
                _life = null;
                return;
            }
            LogJoinRefused(_parts.Name, fault);
        }
        LogBegun(_parts.Name, incarnation, view.Version);
        _parts.Standing = standing;
        var control = new SpawnOptions { Dispatcher = Setting.ControlDispatcher };
        if (!_parts.IsClient)
        {
            life.Steward = Watched(Context.Spawn(() => _make.Steward(standing, Self)), standing, "steward");
            _parts.Steward = life.Steward;
        }
        life.Peers = Watched(Context.Spawn(() => _make.Peers(standing, hello, Self), options: control), standing, "links");
        if (!_parts.IsClient) life.Lease = Watched(Context.Spawn(() => new LeaseActor(_parts, standing, Self)), standing, "lease");
        if (!_parts.IsClient) Context.Timers.StartPeriodic(typeof(StillJoining), StillJoiningAfter, new StillJoining(standing));
        else Context.Timers.StartPeriodic(typeof(LookForNodes), LookForNodesEvery, new LookForNodes(standing));
        TellView(life, view);
        Consider();
    }

    /// <summary>Whoever waits for the node to come up is told what it waits for.</summary>
    private void OnStillJoining(StillJoining joining)
    {
        var (standing, view) = (joining.Standing, joining.Standing.View);
        if (!IsPresent(standing) || view.Find(standing.Incarnation) is { Status: not MemberStatus.Joining })
        {
            Context.Timers.Cancel(typeof(StillJoining));
            return;
        }
        if (FaultOfJoin(_life!) is { } fault)
        {
            LogJoinRefused(_parts.Name, fault);
            return;
        }
        LogStillJoining(_parts.Name, _life!.Reachable, view.Members.Count(m => m.Incarnation != standing.Incarnation));
    }

    /// <summary>A client whose asks reach nobody says so, once for each time that this begins.</summary>
    private void OnLookForNodes(LookForNodes look)
    {
        if (!IsPresent(look.Standing))
        {
            Context.Timers.Cancel(typeof(LookForNodes));
            return;
        }
        // Between two links there may be none for a moment.
        _lonelyLooks = look.Standing.Links.Count == 0 ? _lonelyLooks + 1 : 0;
        if (_lonelyLooks == 2) LogNobodyReached(_parts.Name, look.Standing.View.Members.Length);
    }

    private string? FaultOfJoin(Life life) => _parts.IsClient
        ? Planner.FaultOfLease(life.Standing.View, _limits)
        : Planner.FaultOfJoin(life.Standing.View, life.Findings(wantsToLeave: false), _limits);

    private Member SelfOf(Guid incarnation) => new()
    {
        Incarnation = incarnation,
        Name = _parts.Name,
        Endpoint = Setting.Transport.Endpoint,
        Host = Setting.Host,
        Roles = _parts.Options.Roles.Sort(StringComparer.Ordinal),
        Weight = _parts.Options.Weight,
        Version = _parts.Options.Version,
        Status = MemberStatus.Joining,
    };

    private ActorRef<T> Watched<T>(ActorRef<T> part, Standing standing, string name)
    {
        Context.Watch(part, new PartStopped(standing, name));
        return part;
    }
}
