using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

internal sealed partial class StewardActor
{
    private int _raisesFailed;
    private int _looksFailed;
    private bool _isRaising;
    private bool _isBackingOff;
    private bool _isLooking;

    /// <summary>Raises the fences of all shards that wait for nothing else, in one commit.</summary>
    private void RaiseFences()
    {
        if (_isRaising || _isBackingOff) return;
        List<FenceRaise> raises = [];
        foreach (var shard in _shards.Values)
        {
            if (shard.Stage != ShardStage.Waiting || !shard.WaitsFor.All(HasEnded)) continue;
            shard.Stage = ShardStage.Raising;
            raises.Add(new FenceRaise(shard.Id, new Fence(shard.Epoch, standing.Incarnation)));
        }
        if (raises.Count == 0) return;
        _isRaising = true;
        Context.PipeToSelf(
            RaiseFencesAsync(raises),
            static outcomes => new FencesRaised(outcomes, null),
            static e => new FencesRaised([], e));
    }

    private async Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(List<FenceRaise> raises)
    {
        using var patience = new CancellationTokenSource(parts.Options.LeaseDuration, Context.Time);
        var outcomes = await parts.Setting.Store.Journal.RaiseFencesAsync(raises, patience.Token);
        // One that it leaves out would never be served, and nobody would know.
        return outcomes.Select(o => o.Shard).SequenceEqual(raises.Select(r => r.Shard))
            ? outcomes
            : throw new StoreException($"The store gave {outcomes.Count} outcomes for {raises.Count} fences, or those of other shards.", isTransient: true);
    }

    /// <summary>Nobody answers under that lease any more: it has ended, or the view has settled it.</summary>
    private bool HasEnded(Guid lease) => _ended.Contains(lease) || _view.Revoked.All(r => r.Incarnation != lease);

    private void OnFencesRaised(FencesRaised raised)
    {
        _isRaising = false;
        if (raised.Error is not null)
        {
            _raisesFailed++;
            LogRaiseFailed(_raisesFailed, raised.Error);
            // They may have been raised; raising them again is harmless.
            foreach (var shard in _shards.Values.Where(s => s.Stage == ShardStage.Raising)) shard.Stage = ShardStage.Waiting;
            _isBackingOff = true;
            Context.Timers.StartOnce(StewardTickKind.RaiseAgain, RetryDelay.After(_raisesFailed), StewardTick.RaiseAgain);
            return;
        }
        _raisesFailed = 0;
        foreach (var outcome in raised.Outcomes)
        {
            // Meanwhile the view may have taken it away, and even given it back in another term.
            if (!_shards.TryGetValue(outcome.Shard.Value, out var shard) || shard.Stage != ShardStage.Raising) continue;
            if (!outcome.Raised) Contest(shard, outcome.Current);
            else if (outcome.Current == new Fence(shard.Epoch, standing.Incarnation)) OnRaised(shard, outcome);
            else shard.Stage = ShardStage.Waiting;
        }
        LookAtView();
        RaiseFences();
    }

    private void OnRaised(OwnedShard shard, FenceOutcome outcome)
    {
        shard.Raised = outcome;
        shard.RaisedAt = Context.Time.GetTimestamp();
        if (TakeStates(shard, out var states) || !IsWorthWaiting(shard)) Open(shard, states);
        else WaitForStates(shard);
    }

    private void Open(OwnedShard shard, HandedOver? states)
    {
        shard.Stage = ShardStage.Open;
        shard.IsServed = true;
        LogOpened(shard.Id, shard.Raised!.Current, states is null ? 0 : states.Entities.Count);
        host.Open(shard.Raised, states);
    }

    /// <summary>Somebody has a later fence. An own one is of an earlier opening in the same term; another's is of a later owner, of whom
    /// the view here does not know yet, or of a node that ran on the store without a cluster.</summary>
    private void Contest(OwnedShard shard, Fence current)
    {
        bool isOwn = current.Owner == standing.Incarnation && current.Epoch.Term == shard.Epoch.Term;
        // Within its term, so that the terms of the view catch up with one that is ahead of them.
        shard.Epoch = current.Epoch with { Generation = current.Epoch.Generation + 1 };
        shard.Stage = isOwn ? ShardStage.Waiting : ShardStage.Contested;
        if (!isOwn) LogContested(shard.Id, current);
    }

    /// <summary>The view is read after the later fence was seen. If it is still the one that gives the shard to this node, then no later
    /// owner can have raised that fence, and to go beyond it is right; a later owner goes beyond this one in the same way.</summary>
    private void LookAtView()
    {
        if (_isLooking || Context.Timers.IsRunning(StewardTickKind.LookAgain)) return;
        OwnedShard[] contested = [.. _shards.Values.Where(s => s.Stage == ShardStage.Contested)];
        if (contested.Length == 0) return;
        _isLooking = true;
        Context.PipeToSelf(
            ReadViewAsync(),
            view => new ViewLooked(view, contested, null),
            e => new ViewLooked(null, contested, e));
    }

    private async Task<ClusterView> ReadViewAsync()
    {
        using var patience = new CancellationTokenSource(parts.Options.LeaseDuration, Context.Time);
        return await parts.Setting.ClusterStore.ReadViewAsync(patience.Token);
    }

    private void OnViewLooked(ViewLooked looked)
    {
        _isLooking = false;
        if (looked.View is { } view && view.Version == _view.Version)
        {
            foreach (var shard in looked.For.Where(s => s.Stage == ShardStage.Contested && IsMine(s))) shard.Stage = ShardStage.Waiting;
            _looksFailed = 0;
            RaiseFences();
            LookAtView();
            return;
        }
        // The store did not answer, or there is a newer view, which the node will learn of: look again then, or after a while.
        if (looked.Error is not null) LogLookFailed(looked.Error);
        Context.Timers.StartOnce(StewardTickKind.LookAgain, RetryDelay.After(++_looksFailed), StewardTick.LookAgain);
    }
}
