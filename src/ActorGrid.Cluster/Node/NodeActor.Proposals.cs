namespace ActorGrid.Cluster;

/// <summary>How the node proposes views.</summary>
internal sealed partial class NodeActor
{
    private static readonly TimeSpan LeasesReadEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>How often the leases are read while a process seems to have gone and the store is about to notice.</summary>
    private static readonly TimeSpan WitnessReadEvery = TimeSpan.FromMilliseconds(25);

    /// <summary>Time for one proposal to be written and handed to all.</summary>
    private static readonly TimeSpan LossStep = TimeSpan.FromMilliseconds(10);

    private const int LossesMax = 8, LossTurnsMax = 20;

    /// <summary>Proposals lost in a row.</summary>
    private int _losses;

    private bool _isConsidering;
    private bool _isWriting;
    private int _writeFailures;

    /// <summary>The version of the proposal that was lost last; 0: the view was read since.</summary>
    private long _lost;
    private bool _isReadingLeases;
    private TimeSpan? _leasesReadAt;
    private TimeSpan? _wantsLeasesSince;

    /// <summary>Whether the passing of time alone may lead to a proposal.</summary>
    private bool _isUnsettled;

    /// <summary>Until when those ranked before this node are waited for, and on which view.</summary>
    private (long Version, TimeSpan At)? _turn;

    /// <summary>Once for all that is in the mailbox: one proposal folds in all that is pending.</summary>
    private void Consider()
    {
        if (_isConsidering) return;
        _isConsidering = true;
        Self.Tell(ConsiderNow.Instance);
    }

    private void ConsiderAtOnce()
    {
        if (_parts.IsClient || _life is not { Standing.IsOver: false } life) return;
        var view = life.Standing.View;
        foreach (var ended in life.NewlyEnded(_limits)) life.Steward!.TryTell(new LeaseEnded(life.Standing, ended));
        // Before the findings: what is late in both is in neither.
        var nextMoves = life.NextMoves;
        var findings = life.Findings(_events.IsStopping);
        bool wantsLeases = Planner.WantsLeases(view, findings, _limits, life.Now);
        _isUnsettled = wantsLeases || !view.Revoked.IsEmpty;
        if (wantsLeases) ReadLeasesInTurn(life);
        else _wantsLeasesSince = null;
        // The next tick would be late.
        if (_isUnsettled && Planner.NextRunOut(findings, _limits, life.Now) is { } left) Context.Timers.StartOnce(nameof(Planner.NextRunOut), left, ConsiderNow.Instance);
        if (findings is { WantsToLeave: true, OwnsNothingSince: { } since } && since + _limits.Linger - life.Now is var stay && stay > TimeSpan.Zero)
        {
            Context.Timers.StartOnce(nameof(MembershipLimits.Linger), stay, ConsiderNow.Instance);
        }
        if (nextMoves is { } wait) Context.Timers.StartOnce(nameof(Life.NextMoves), wait, ConsiderNow.Instance);
        // What is read or written now decides first whether there is anything left to propose.
        if (_isWriting || _isReading || Context.Timers.IsRunning(nameof(Write))) return;
        if (Planner.Plan(view, findings, _allocation, _limits, life.Now) is not { } proposal) return;
        _isUnsettled = true;
        if (IsMyTurn(view, proposal, life.Now)) Write(proposal);
    }

    private bool IsMyTurn(ClusterView view, Proposal proposal, TimeSpan now)
    {
        if (proposal.Wait <= TimeSpan.Zero && _losses == 0) return true;
        var at = now + (proposal.Wait > TimeSpan.Zero ? proposal.Wait : WaitAfterLoss(view));
        if (_turn is { } turn && turn.Version == view.Version && turn.At <= at)
        {
            if (now >= turn.At) return true;
            at = turn.At;
        }
        _turn = (view.Version, at);
        Context.Timers.StartOnce(typeof(ConsiderNow), at - now, ConsiderNow.Instance);
        return false;
    }

    /// <summary>Those that have something to propose of their own do not know of each other before they lose: from then on they take turns. Those that are not in the view
    /// yet cannot be ranked, and leave it to chance.</summary>
    private TimeSpan WaitAfterLoss(ClusterView view)
    {
        var self = _life!.Standing.Incarnation;
        double turns = view.Find(self) is null ? Math.Min(_losses, LossesMax) * Context.Random.NextDouble() : Planner.RankOfOwn(view, self);
        return LossStep * Math.Min(turns, LossTurnsMax);
    }

    private void Write(Proposal proposal)
    {
        _isWriting = true;
        Context.PipeToSelf(WriteAsync(proposal), won => new ViewWritten(proposal, won, null), e => new ViewWritten(proposal, false, e));
    }

    private async Task<bool> WriteAsync(Proposal proposal)
    {
        using var patience = new CancellationTokenSource(_parts.Options.LeaseDuration, Context.Time);
        return await Setting.ClusterStore.WriteViewAsync(proposal.Next, proposal.Revocations, patience.Token);
    }

    private void OnWritten(ViewWritten written)
    {
        _isWriting = false;
        if (written.Error is not null)
        {
            // It may have been written, or may be yet. Only what is read counts; and a proposal on the view that is read then cannot be mistaken for this one.
            LogOutcomeUnknown(written.Proposal.Next.Version, written.Error);
            // A store that can be read, and not written, is not to be worn out.
            Context.Timers.StartOnce(nameof(Write), StoreRetry.Delay(_writeFailures++, Context.Random), ConsiderNow.Instance);
            ReadView();
            return;
        }
        _writeFailures = 0;
        _losses = written.Won ? 0 : _losses + 1;
        ClusterMeter.OnProposal(written.Won);
        if (!written.Won)
        {
            _lost = written.Proposal.Next.Version;
            ReadView();
            return;
        }
        var next = written.Proposal.Next;
        LogWritten(_parts.Name, next.Version, written.Proposal);
        // First the others: this may be the view without this node.
        if (_life is { Standing: { IsOver: false } standing } && next.Version == standing.View.Version + 1) Spread(standing, next);
        Accept(next);
        Consider();
    }

    /// <summary>A large grid does not rush to the store because of one death: those who would propose first read first, and mostly the others need not.</summary>
    private void ReadLeasesInTurn(Life life)
    {
        _wantsLeasesSince ??= life.Now;
        var left = _wantsLeasesSince.Value + life.ReadWait(_limits) - life.Now;
        bool isAwaited = life.AwaitsWitness(_limits);
        // The next tick would be late by ten times of what the store needs.
        if (isAwaited && _leasesReadAt + WitnessReadEvery - life.Now is { } rest && rest > left) left = rest;
        if (left <= TimeSpan.Zero) ReadLeases(life, isAwaited ? WitnessReadEvery : LeasesReadEvery);
        else Context.Timers.StartOnce(nameof(ReadLeasesInTurn), left, ConsiderNow.Instance);
    }

    private void ReadLeases(Life life, TimeSpan every)
    {
        if (_isReadingLeases || life.Now - _leasesReadAt < every) return;
        _isReadingLeases = true;
        var sentAt = life.Now;
        _leasesReadAt = sentAt;
        var standing = life.Standing;
        Context.PipeToSelf(
            ReadLeasesAsync(), rows => new LeasesRead(standing, sentAt, rows, null), e => new LeasesRead(standing, sentAt, null, e));
    }

    private async Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync()
    {
        using var patience = new CancellationTokenSource(_parts.Options.LeaseDuration, Context.Time);
        return await Setting.ClusterStore.ReadLeasesAsync(patience.Token);
    }

    private void OnLeasesRead(LeasesRead read)
    {
        _isReadingLeases = false;
        if (read.Rows is null)
        {
            LogLeasesNotRead(read.Error!);
            return;
        }
        if (!IsPresent(read.Standing)) return;
        _life!.SeeRows(read.Rows, read.SentAt);
        // The row of a revoked lease goes with a view that has settled it, which may be of a node that is cut off from this one.
        if (_life.Standing.View.Revoked.Any(revoked => read.Rows.All(row => row.Incarnation != revoked.Incarnation))) ReadView();
        Consider();
    }
}
