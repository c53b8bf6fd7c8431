using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <content>How the runner and those of other nodes hear of each other. Without a cluster none of it happens.</content>
internal sealed partial class JobRunner
{
    private static readonly TimeSpan BeatPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FlushDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// So long a job that comes from another node waits before it takes the steps that were under way there for lost: whoever has ended them in
    /// order says so meanwhile.
    /// </summary>
    private static readonly TimeSpan SuspectsWait = TimeSpan.FromSeconds(1);

    /// <summary>So long a node that stops waits for others to take over what it has of theirs.</summary>
    private static readonly TimeSpan HaltPatience = TimeSpan.FromSeconds(2);

    private JobGrid? _grid;
    private int _freeKeepers;
    private bool _isPatient;

    /// <summary>Whether others have yet to learn what became of their work.</summary>
    private bool IsOwed => _isPatient && _grid is { Taker.Unsettled: > 0 };

    private void Join(JobCluster cluster, IEventJournal journal)
    {
        var post = new JobPost(cluster.Peers);
        _grid = new JobGrid(
            cluster.Peers, new PeerTable(cluster.Peers, Context.Time), post, new WorkGiver(post, Context.Time),
            new WorkTaker(types, post, Context.Time), AddWorker(cluster.Keeper, journal));
        _freeKeepers++;
        var self = Self;
        cluster.Peers.Start((peer, message) => Receive(self, peer, message.Span), () => self.TryTell(new PeersChanged()));
        Greet(_grid);
    }

    /// <summary>Who is in reach of late may have work, and may have offered it when nobody was here to hear it.</summary>
    private static void Greet(JobGrid grid)
    {
        foreach (var peer in grid.Table.Look()) grid.Post.Send(peer.Incarnation, new WorkPulled(0, []));
    }

    /// <summary>Runs on a thread of the transport.</summary>
    private static void Receive(ActorRef<RunnerMessage> runner, Guid peer, ReadOnlySpan<byte> encoded)
    {
        try
        {
            if (JobWire.Decode(encoded) is { } message) runner.TryTell(new FromPeer(peer, message));
            else JobMetrics.MessagesRefused.Add(1);
        }
        catch (CodecException)
        {
            // The link is sound, since its frames are checked below us; what a peer said is not, and it gets no answer.
            JobMetrics.MessagesRefused.Add(1);
        }
    }

    private void OnMessage(Guid peer, JobMessage message)
    {
        switch (message)
        {
            case WorkOffered offered when !_isHalted: _grid!.Taker.OnOffered(peer, offered); break;
            case WorkExhausted exhausted: _grid!.Taker.OnExhausted(peer, exhausted); break;
            case WorkTraced traced: _grid!.Taker.OnTraced(peer, traced); break;
            case WorkGiven given: _grid!.Taker.OnGiven(peer, given, _isHalted); break;
            case WorkCancelled cancelled: Drop(peer, cancelled.Number); break;
            case WorkSettled settled: Drop(peer, settled.Number); break;
            case ResultWanted wanted: _grid!.Taker.OnResultWanted(peer, wanted); break;
            case WorkPulled pulled: OnPulled(peer, pulled); break;
            case ResultReady ready: Settle(peer, ready.Number, given => OnReady(given, ready)); break;
            case ResultPiece piece: Settle(peer, piece.Number, given => OnPiece(given, piece)); break;
            case WorkFailed failed: Settle(peer, failed.Number, given => OnFailedThere(given, failed)); break;
            case WorkReturned returned: Settle(peer, returned.Number, given => OnReturned(given, returned)); break;
            case WorkReport report: OnReport(peer, report); break;
            case JobFollowed followed: OnFollower(peer, followed.Job); break;
            case JobNoticed noticed: OnNoticed(noticed.Job, noticed.Progress); break;
        }
    }

    private void OnPeersChanged()
    {
        var grid = _grid!;
        Greet(grid);
        if (grid.Table.HasBecomeAnother())
        {
            // Whoever gave us work knows us no more: for them it has gone down with our last incarnation.
            foreach (var giver in grid.Taker.Givers.ToList()) DropAll(giver);
        }
        foreach (var gone in grid.Table.Gone(grid.Giver.Takers.Concat(grid.Taker.Givers).Distinct().ToList()))
        {
            grid.Post.Forget(gone);
            grid.Giver.Forget(gone);
            foreach (var lost in grid.Giver.Of(gone)) Contain(lost.Work.Job, () => OnLost(lost));
            DropAll(gone);
        }
    }

    private void OnBeat()
    {
        OnPeersChanged();
        _grid!.Taker.Report();
        _grid.Giver.Remind();
        _grid.Post.Flush();
    }

    /// <summary>The beat goes on while there is something between this node and others.</summary>
    private void KeepBeat()
    {
        if (_grid is not { } grid) return;
        bool isNeeded = grid.Giver.IsBusy || grid.Taker.IsBusy;
        if (isNeeded != Context.Timers.IsRunning(nameof(Beat)))
        {
            if (isNeeded) Context.Timers.StartPeriodic(nameof(Beat), BeatPeriod, new Beat());
            else Context.Timers.Cancel(nameof(Beat));
        }
        if (grid.Post.IsWaiting && !Context.Timers.IsRunning(nameof(FlushDue))) Context.Timers.StartOnce(nameof(FlushDue), FlushDelay, new FlushDue());
    }

    /// <summary>The shard of a job has left: whoever owns it now goes on from the journal.</summary>
    private void OnLeft(EntityId id)
    {
        // Without a cluster nobody takes over while this process lives.
        if (_grid is null) return;
        Recovered(id);
        if (_runs.TryGetValue(id, out var run))
        {
            LogLeft(Log, id);
            LetGo(run);
        }
        if (_watchers.Has(id)) Follow(id);
    }
}
