using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <content>The work of this node that others do. They come for it when they have room; what they bring counts as what a worker of this node
/// brings.</content>
internal sealed partial class JobRunner
{
    /// <summary>Lets others know of what is left when the workers of this node are busy.</summary>
    private void Share()
    {
        if (_grid is not { } grid) return;
        if (MayRun) grid.Giver.Fetch();
        grid.Taker.SendPulls();
        if (grid.Table.All.Count == 0) return;
        int pieces = 0;
        List<string>? offered = null;
        foreach (var run in _inTurn)
        {
            int shareable = run.Shareable(MayRun);
            if (shareable == 0) continue;
            pieces += shareable;
            offered ??= [];
            if (!offered.Contains(run.TypeName, StringComparer.Ordinal) && offered.Count < JobWire.ItemsMax) offered.Add(run.TypeName);
        }
        if (offered is not null) grid.Giver.OfferWork(grid.Table.All, pieces, offered);
    }

    private void OnPulled(Guid from, WorkPulled pulled)
    {
        int room = pulled.Room;
        if (room == 0) _grid!.Giver.Forget(from);
        if (!_isHalted && _grid!.Table.Find(from) is { } peer)
        {
            while (room > 0 && _turns.Next(TakeFor) is { } work)
            {
                Give(work, peer);
                room--;
            }
        }
        bool isMore = _inTurn.Exists(run => run.Shareable(MayRun) > 0);
        if (room > 0) _grid!.Giver.Exhausted(from, room, isMore);

        JobWork? TakeFor(JobRun run) =>
            pulled.Types.Contains(run.TypeName, StringComparer.Ordinal) && !run.Refusers.Contains(from)
                ? run.TakeShared(MayRun)
                : null;
    }

    private void Give(JobWork work, JobPeer peer)
    {
        work.Run.Begun.Add(work);
        Contain(work.Job, () =>
        {
            OnBeginning(work);
            _grid!.Giver.Give(work, peer);
        });
    }

    /// <summary>Whether it is with another node, which is told then.</summary>
    private bool TryCancelElsewhere(WorkItem work)
    {
        if (work is not JobWork { Given: { } given }) return false;
        _grid!.Post.Send(given.Peer.Incarnation, new WorkCancelled(given.Number));
        return true;
    }

    /// <summary>Handles what a node says about a piece of work that it has; if it is not to have it, it is told so.</summary>
    private void Settle(Guid peer, long number, Action<GivenWork> handle)
    {
        if (_grid!.Giver.Find(peer, number) is { } given) Contain(given.Work.Job, () => handle(given));
        else _grid.Post.Send(peer, new WorkSettled(number));
    }

    private void Settled(GivenWork given)
    {
        _grid!.Giver.Remove(given);
        _grid.Post.Send(given.Peer.Incarnation, new WorkSettled(given.Number));
    }

    private void OnReady(GivenWork given, ResultReady ready)
    {
        if (ready.Whole.Length == ready.Length) OnOutcome(given, ready.Whole);
        else _grid!.Giver.OnLarge(given, ready.Length);
    }

    private void OnPiece(GivenWork given, ResultPiece piece)
    {
        // A piece that comes twice was asked for twice.
        if (!given.Receive(piece.Offset, piece.Bytes.Span)) return;
        if (given.IsComplete) OnOutcome(given, given.Outcome);
        else _grid!.Giver.AskForMore(given);
    }

    private void OnOutcome(GivenWork given, ReadOnlyMemory<byte> encoded)
    {
        Settled(given);
        try
        {
            object outcome = given.Work switch
            {
                RunPartWork => new Partial(Value: null, encoded),
                SplitWork => PartList.Decode(encoded),
                _ => encoded,
            };
            OnEnded(given.Work, outcome, error: null, isPermanent: false);
        }
        catch (CodecException error)
        {
            OnEnded(given.Work, outcome: null, error, isPermanent: false);
        }
    }

    private void OnFailedThere(GivenWork given, WorkFailed failed)
    {
        Settled(given);
        OnEnded(given.Work, outcome: null, new JobPartException(failed.Cause, failed.IsPermanent), failed.IsPermanent);
    }

    private void OnReturned(GivenWork given, WorkReturned returned)
    {
        LogReturned(Log, given.Work.Job, JobStep.Name(given.Work.Step), given.Peer.Name, returned.Why);
        if (returned.IsRefused) given.Work.Run.Refusers.Add(given.Peer.Incarnation);
        Settled(given);
        ComeBack(given.Work);
    }

    private void OnReport(Guid peer, WorkReport report)
    {
        foreach (var missing in _grid!.Giver.OnReport(peer, report))
        {
            Contain(missing.Work.Job, () =>
            {
                LogReturned(Log, missing.Work.Job, JobStep.Name(missing.Work.Step), missing.Peer.Name, "It was lost on its way.");
                ComeBack(missing.Work);
            });
        }
    }

    /// <summary>It came to nothing, and is to be had again at once.</summary>
    private void ComeBack(JobWork work)
    {
        GiveUp(work);
        Return(work);
        work.Run.Returned(work.Step);
    }

    /// <summary>It went down with its node, or out of our reach: that is put on record before it is begun again, so that a part that takes down
    /// one node after the other is found out.</summary>
    private void OnLost(GivenWork given)
    {
        var work = given.Work;
        LogLost(Log, work.Job, JobStep.Name(work.Step), given.Peer.Name);
        JobMetrics.WorkLost.Add(1, JobMetrics.Of(work.Run));
        GiveUp(work);
        // A node that is still a member may live, and is about to say that it has ended the work in order.
        if (_grid!.Table.Find(given.Peer.Incarnation) is null) OnLossDue(work.Run, work.Step, given.Peer.Name);
        else Context.Timers.StartOnce(given, SuspectsWait, new LossDue(work.Run, work.Step, given.Peer.Name));
    }

    private void OnLossDue(JobRun run, int step, string node) => Send(StartOf(run, step, isAwaited: true, node));
}
