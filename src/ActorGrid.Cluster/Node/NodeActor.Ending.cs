using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>How an incarnation ends, and what the node decides then.</summary>
internal sealed partial class NodeActor
{
    /// <summary>Decides for the node when one of its parts has failed: it starts over as another incarnation, at growing intervals, and gives up at the sixth
    /// failure within a minute.</summary>
    private static readonly SupervisionStrategy NodeSupervision = new()
    {
        RestartsMax = 5,
        Window = TimeSpan.FromMinutes(1),
        Backoff = new Backoff { First = TimeSpan.FromMilliseconds(200), Max = TimeSpan.FromSeconds(10) },
    };

    /// <summary>How long to wait before a revoked node joins again. It is not at fault: it does so for ever.</summary>
    private static readonly Backoff Rejoin = new() { First = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(5) };

    private static readonly TimeSpan PartPatience = TimeSpan.FromSeconds(5);

    private const int EndLeaseRetriesMax = 5;

    private RestartHistory _defects = RestartHistory.Empty;
    private int _rejoins;

    private void OnPartStopped(PartStopped stopped)
    {
        if (!IsPresent(stopped.Standing)) return;
        EndLife($"its {stopped.Part} has failed", new InvalidOperationException($"The {stopped.Part} of node {_parts.Name} has failed."));
    }

    /// <summary>From here on nothing of the incarnation is answered. What it owned is dropped, its lease ended once that is done, and the node goes on as
    /// another, if it is not to stop.</summary>
    /// <param name="why">For people.</param>
    /// <param name="defect">A failure of its own, which is counted; null: it is not at fault.</param>
    private void EndLife(string why, Exception? defect)
    {
        // Its standing may be over already, if the node was halted.
        if (_life is not { IsEnding: false } life) return;
        life.IsEnding = true;
        var standing = life.Standing;
        standing.End();
        LogEnded(_parts.Name, standing.Incarnation, why);
        _router.TryTell(new StandingOver(standing, why));
        life.Steward?.TryTell(new StandingOver(standing, why));
        TimeSpan? pause = Rejoin.Delay(_rejoins++, Context.Random);
        if (defect is not null)
        {
            var decision = NodeSupervision.Decide(defect, _defects, Context.Time.GetUtcNow(), Context.Random);
            _defects = decision.History;
            pause = decision.Directive == Directive.Restart ? decision.Delay : null;
        }
        Context.PipeToSelf(StopPartsAsync(life, why), _ => new PartsStopped(standing, pause, defect), e => new PartsStopped(standing, pause, e));
    }

    private async Task<bool> StopPartsAsync(Life life, string why)
    {
        if (life.Steward is { } steward) await steward.StopAsync(PartPatience);
        // A shard that still runs would ask the next incarnation whether it may answer.
        await _make.CloseShards(why);
        if (life.Lease is { } lease) await lease.StopAsync(PartPatience);
        await life.Peers.StopAsync(PartPatience);
        return true;
    }

    private void OnPartsStopped(PartsStopped stopped)
    {
        if (_life?.Standing != stopped.Standing) return;
        _life = null;
        _parts.Steward = null;
        _parts.Standing = null;
        _services.OnChanged();
        bool goesOn = !_events.IsStopping && stopped.Pause is not null;
        if (stopped.Pause is null)
        {
            _events.IsStopping = true;
            LogGivenUp(_parts.Name, stopped.Defect);
            _events.GivenUp(stopped.Defect!);
        }
        if (!_parts.IsClient) EndLease(new LeaseToEnd(stopped.Standing.Incarnation, 0, IsLast: !goesOn));
        else if (!goesOn) _events.Stopped();
        if (goesOn) Context.Timers.StartOnce(typeof(BeginAgain), stopped.Pause!.Value, BeginAgain.Instance);
    }

    /// <summary>Nobody has to wait for the lease once this is written. It is a kindness, not a duty: after some attempts the others wait it out.</summary>
    private void EndLease(LeaseToEnd lease) => Context.PipeToSelf(EndLeaseAsync(lease.Incarnation), _ => new LeaseClosed(lease, null), e => new LeaseClosed(lease, e));

    private async Task<bool> EndLeaseAsync(Guid incarnation)
    {
        using var patience = new CancellationTokenSource(_parts.Options.LeaseDuration, Context.Time);
        await Setting.ClusterStore.EndLeaseAsync(incarnation, patience.Token);
        return true;
    }

    /// <summary>This actor has failed and was restarted: all that was its own has been closed before the present incarnation was begun.</summary>
    private void EndAbandoned()
    {
        if (_events.Abandoned is { } incarnation) EndLease(new LeaseToEnd(incarnation, 0, IsLast: false));
        _events.Abandoned = null;
    }

    private void OnLeaseClosed(LeaseClosed closed)
    {
        if (closed.Error is not null && closed.Lease.Attempts < EndLeaseRetriesMax)
        {
            var again = closed.Lease with { Attempts = closed.Lease.Attempts + 1 };
            Context.Timers.StartOnce((typeof(LeaseToEnd), again.Incarnation), StoreRetry.Delay(again.Attempts, Context.Random), again);
            return;
        }
        if (closed.Error is not null) LogLeaseNotEnded(closed.Lease.Incarnation, closed.Error);
        if (closed.Lease.IsLast) _events.Stopped();
    }

    private void OnLeave(LeaveNow leave)
    {
        _events.IsStopping = true;
        if (_life is null)
        {
            // Between two lives; what is still under way finds out for itself.
            _events.Stopped();
            return;
        }
        if (_parts.IsClient || leave.InHurry || !_life.HasJoined) EndLife(leave.InHurry ? "its patience to leave has ended" : "it stops", defect: null);
        else Consider();
    }
}
