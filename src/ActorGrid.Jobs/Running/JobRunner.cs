using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// Gives the work of all jobs in hand to the workers of the node, and reports what comes of it to the jobs' entities. It decides nothing: a
/// job begins, goes on and ends for it by the durable states that it is told of, and what it loses it learns again from them.
/// </summary>
/// <remarks>
/// The next part is computed while the partial results of others are being written, but only so many of them
/// (<see cref="JobRunnerOptions.RecordingMax"/>): a store that is slow slows the workers down and does not fill the memory. Jobs take
/// turns, see <see cref="FairTurns{TJob}"/>.
/// </remarks>
internal sealed partial class JobRunner(
    IReadOnlyDictionary<string, JobType> types, JobRunnerOptions options, IReadOnlyList<Dispatcher> dispatchers) : Actor<RunnerMessage>
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly Backoff ReportBackoff =
        new() { First = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(10), Jitter = 0.5 };

    private readonly Dictionary<EntityId, JobRun> _runs = [];
    private readonly List<JobRun> _inTurn = [];

    /// <summary>In whose turn work is given out, and the keeper's own work is done.</summary>
    private readonly FairTurns<JobRun> _turns = new(static run => run.Begun.Count), _keeperTurns = new(static run => run.Begun.Count);
    private readonly JobLine<JobRun> _line = new(options.JobsMax), _foreignLine = new(options.JobsMax);
    private readonly Queue<int> _freeWorkers = [];
    private readonly List<ActorRef<WorkItem>> _workers = [];
    private readonly JobWatchers _watchers = new();
    // The latest of each job, so no more than there are jobs that are not finished.
    private readonly Dictionary<EntityId, JobState> _beforeBegin = [];
    private IEntityRouter? _router;
    private bool _isHalted;
    private bool _isLentLast;
    private int _recording;
    private int _returning;

    protected override ValueTask OnMessageAsync(RunnerMessage message)
    {
        switch (message)
        {
            case JobChanged early when _router is null:
                _beforeBegin[early.Id] = early.State;
                return default;
            case JobLeft early when _router is null:
                _beforeBegin.Remove(early.Id);
                return default;
        }
        Contain(message.About, () => React(message));
        if (!_isHalted) GiveOut();
        else if (IsAtRest) Context.StopSelf();
        KeepBeat();
        return default;
    }

    private void React(RunnerMessage message)
    {
        switch (message)
        {
            case Begin begin: OnBegin(begin); break;
            case Halt: OnHalt(); break;
            case JobChanged changed: OnChanged(changed.Id, changed.State); break;
            case WorkEnded ended: OnEnded(ended); break;
            case WorkTimedOut { Work.IsGivenUp: false, Work: var work }: OnTimedOut(work); break;
            case Reported reported: OnReported(reported.Report, reported.Verdict); break;
            case ReportFailed failed: OnReportFailed(failed.Report, failed.Error); break;
            case ReportAgain again: Send(again.Report); break;
            case RetryDue { Job: var run, Step: var step }: run.MayRetry(step); break;
            case RereadDue { Job: var run, Work: OpenWork }: run.Reopen(); break;
            case RereadDue { Job: var run, Work: var read }: run.Reread(read.Step); break;
            case Tick: OnTick(); break;
            case JobLeft left: OnLeft(left.Id); break;
            case FromPeer { Peer: var peer, Message: var sent }: OnMessage(peer, sent); break;
            case PeersChanged: OnPeersChanged(); break;
            case Beat: OnBeat(); break;
            case SuspectsDue { Job: { IsOver: false } run }: Announce(run); break;
            case LossDue { Job: { IsOver: false } run, Step: var step, Node: var node }: OnLossDue(run, step, node); break;
            case FollowDue due: OnFollowDue(due.Id); break;
            case Followed followed: OnFollowed(followed.Id, followed.Job); break;
            case FollowFailed failed: OnFollowFailed(failed.Id, failed.Error); break;
            case HaltDue: _isPatient = false; break;
            case FlushDue: _grid!.Post.Flush(); break;
            case ProbeDue due: OnProbeDue(due.Id); break;
            case Watch watch: OnWatch(watch); break;
            case Unwatch unwatch: _watchers.Remove(unwatch.Id, unwatch.Watcher); break;
        }
    }

    private void OnBegin(Begin begin)
    {
        _router = begin.Router;
        foreach (var dispatcher in dispatchers) _freeWorkers.Enqueue(AddWorker(dispatcher, begin.Journal));
        if (begin.Cluster is { } cluster) Join(cluster, begin.Journal);
        foreach (var (id, state) in _beforeBegin) Contain(id, () => OnChanged(id, state));
        _beforeBegin.Clear();
    }

    private int AddWorker(Dispatcher dispatcher, IEventJournal journal)
    {
        int number = _workers.Count;
        _workers.Add(
            Context.Spawn(() => new JobWorker(number, Self, journal), $"worker-{number}", new SpawnOptions { Dispatcher = dispatcher }));
        return number;
    }

    private void OnHalt()
    {
        _isHalted = true;
        _watchers.FailAll(
            new ObjectDisposedException(nameof(JobClient), "The grid is stopping; the job goes on when it is started again."));
        foreach (var run in _runs.Values.ToList())
        {
            Contain(run.Id, () => LetGo(run));
        }
        HaltLending();
    }

    /// <summary>Whether all is done that has to be done before the end.</summary>
    private bool IsAtRest => _freeWorkers.Count + _freeKeepers == _workers.Count && _returning == 0 && !IsOwed;

    /// <summary>Ends a run that goes on elsewhere or later; what it has under way comes to nothing, and that is no loss.</summary>
    private void LetGo(JobRun run)
    {
        foreach (var work in run.Begun.Where(work => work.Start > 0).ToList()) Return(work);
        // These were put on record before they were to begin.
        foreach (int step in run.AnnouncedSteps) Return(run.Id, step, run.LastStart(step));
        End(run);
    }

    private void OnChanged(EntityId id, JobState state)
    {
        if (_runs.TryGetValue(id, out var run)) run.Durable = state;
        if (state.IsUnfinished)
        {
            if (run is not null || _isHalted || IsSetBack(id, state)) return;
            if (!types.TryGetValue(JobAddress.TypeOf(id), out var type))
            {
                LogNotRegistered(Log, id, JobAddress.TypeOf(id));
                if (_grid is null) return;
            }
            Take(new JobRun(id, type, state));
            return;
        }
        Recovered(id);
        if (run is not null)
        {
            LogEnded(Log, id, state.Status);
            End(run);
        }
        if (state.Status is null) return;
        Publish(id, Progress(state));
        if (!state.IsTidy) Send(new Report(id, new TidyJob()));
    }

    /// <summary>Takes a job in hand, or lets it stand in line if there are many.</summary>
    private void Take(JobRun run)
    {
        LogInHand(Log, run.Id, run.Durable.Done.Count, run.Durable.Total);
        run.Span = JobSpans.Run(run.Id, run.Durable.Trace);
        _runs.Add(run.Id, run);
        LineOf(run).Enqueue(run.Rank, run);
        if (!Context.Timers.IsRunning(nameof(Tick))) Context.Timers.StartPeriodic(nameof(Tick), TickPeriod, new Tick());
        MoveUp();
    }

    private void MoveUp()
    {
        // Jobs that wait for a node with their code must not stand in the way of those that can be done here.
        MoveUp(_line);
        MoveUp(_foreignLine);
    }

    private void MoveUp(JobLine<JobRun> line)
    {
        while (line.Next() is { } run)
        {
            if (run.IsOver)
            {
                line.Leave(run.Rank);
                continue;
            }
            _inTurn.Add(run);
            _turns.Add(run.Rank, run);
            _keeperTurns.Add(run.Rank, run);
        }
    }

    private JobLine<JobRun> LineOf(JobRun run) => run.IsForeign ? _foreignLine : _line;

    private void End(JobRun run)
    {
        NotifyLeft(run.Id, hasEnded: !run.Durable.IsUnfinished);
        Context.Timers.Cancel(run);
        var begun = run.Begun.ToList();
        foreach (var work in begun) GiveUp(work);
        Cancel(begun);
        run.End();
        if (run.Span is { } span) JobSpans.End(span, run.Durable);
        _runs.Remove(run.Id);
        if (_inTurn.Remove(run))
        {
            LineOf(run).Leave(run.Rank);
            _turns.Remove(run.Rank, run);
            _keeperTurns.Remove(run.Rank, run);
        }
        MoveUp();
        if (_runs.Count > 0) return;
        Context.Timers.Cancel(nameof(Tick));
        JobMetrics.PartsWaiting.Record(0);
    }

    private void GiveUp(JobWork work)
    {
        if (work.Given is { } given) _grid!.Giver.Remove(given);
        work.IsGivenUp = true;
        work.Run.Begun.Remove(work);
        Context.Timers.Cancel(work);
    }

    private void Cancel(IReadOnlyCollection<WorkItem> work)
    {
        List<WorkItem> here = [.. work.Where(one => !TryCancelElsewhere(one))];
        // No child of ours: when we stop, it is what makes the workers stop.
        if (here.Count > 0) Context.System.Spawn(() => new JobCanceller(here));
    }

    private void GiveOut()
    {
        while (_freeKeepers > 0 && _keeperTurns.Next(static run => run.Take(mayRun: false)) is { } work)
        {
            _freeKeepers--;
            Begin(work, _grid!.Keeper);
        }
        while (_freeWorkers.Count > 0 && TakeLent() is { } lent) _workers[_freeWorkers.Dequeue()].Tell(lent);
        // Own work and that of others take turns: neither has to wait for the end of the other.
        while (_freeWorkers.Count > Reserved)
        {
            if (!_isLentLast && PullLent()) _isLentLast = true;
            else if (_turns.Next(run => run.Take(MayRun)) is { } work)
            {
                _isLentLast = false;
                Begin(work, _freeWorkers.Dequeue());
            }
            else if (!PullLent()) break;
        }
        Share();
    }

    private void Begin(JobWork work, int worker)
    {
        work.Run.Begun.Add(work);
        if (work is SplitWork or RunPartWork) Contain(work.Run.Id, () => OnBeginning(work));
        _workers[worker].Tell(work);
    }

    /// <summary>Whether a part may be run, or whether enough partial results wait to become durable.</summary>
    private bool MayRun => _recording < options.RecordingMax;

    private void OnBeginning(JobWork work)
    {
        if (work.Attempt > 1) JobMetrics.AttemptsRetried.Add(1, JobMetrics.Of(work.Run));
        // The start of a suspect was written before, see JobRun.Suspects; that of another one is written while it runs.
        if (!work.IsAnnounced) Send(StartOf(work.Run, work.Step));
        work.Start = work.Run.LastStart(work.Step);
        if (work is RunPartWork && work.Run.Options.PartTimeout is { } timeout) Context.Timers.StartOnce(
            work, timeout, new WorkTimedOut(work));
    }

    private void OnEnded(WorkEnded ended)
    {
        if (_grid is not null && ended.Worker == _grid.Keeper) _freeKeepers++;
        else _freeWorkers.Enqueue(ended.Worker);
        if (ended.Work is LentWork lent) _grid!.Taker.OnEnded(lent, ended.Outcome, ended.Error, ended.IsPermanent);
        else OnEnded((JobWork)ended.Work, ended.Outcome, ended.Error, ended.IsPermanent);
    }

    private void OnEnded(JobWork work, object? outcome, Exception? error, bool isPermanent)
    {
        var run = work.Run;
        if (work.IsGivenUp) return;
        Context.Timers.Cancel(work);
        if (error is not null)
        {
            OnFailed(work, error, isPermanent);
            return;
        }
        switch (work, outcome)
        {
            case (OpenWork, Opened opened):
                run.Begun.Remove(work);
                run.Opened(opened.Program, opened.Parts);
                if (_grid is null) Announce(run);
                else if (run.Suspects.Count > 0) Context.Timers.StartOnce(run, SuspectsWait, new SuspectsDue(run));
                break;
            case (SplitWork, PartList parts):
                Send(new Report(
                    run.Id, new FinishSplit(parts.Count, parts.Units, parts.Encoded))
                { Run = run, Work = work, Outcome = parts });
                break;
            case (RunPartWork part, Partial partial):
                part.HasRun = true;
                _recording++;
                Send(new Report(
                    run.Id, new FinishPart(work.Step, run.Parts!.Weight(work.Step), partial.Encoded))
                {
                    Run = run,
                    Work = work,
                    Outcome = partial
                });
                break;
            case (ReadPartWork, { } partial):
                run.Begun.Remove(work);
                run.Put(new CombineNode(0, work.Step), partial);
                break;
            case (CombineWork combine, { } combined):
                run.Begun.Remove(work);
                run.Put(combine.Into, combined);
                break;
            case (ResultWork or FinishWork, ReadOnlyMemory<byte> result):
                Send(new Report(run.Id, new CompleteJob(result)) { Run = run, Work = work });
                break;
            default:
                throw new InvalidOperationException($"{work.GetType().Name} has brought '{outcome}'.");
        }
    }

    /// <summary>What may have gone down with a process before is begun once that is on record.</summary>
    private void Announce(JobRun run)
    {
        foreach (int suspect in run.Suspects) Send(StartOf(run, suspect, isAwaited: true));
    }

    private string NodeOf(JobWork work) => work.Given?.Peer.Name ?? options.NodeName;

    private void OnTimedOut(JobWork work)
    {
        Cancel([work]);
        OnFailed(
            work, new TimeoutException($"It took longer than its PartTimeout of {work.Run.Options.PartTimeout}."), isPermanent: false);
    }

    private void OnFailed(JobWork work, Exception error, bool isPermanent)
    {
        var run = work.Run;
        GiveUp(work);
        LogAttemptFailed(Log, run.Id, work.Attempt, JobStep.Name(work.Step), error);
        if (work is OpenWork or ReadPartWork && error is StoreException store)
        {
            OnStoreFailed(run.Id, store);
            Context.Timers.StartOnce(work, ReportBackoff.Delay(10, Context.Random), new RereadDue(run, work));
            return;
        }
        bool isAttempt = work is SplitWork or RunPartWork;
        if (isAttempt)
        {
            JobMetrics.AttemptsFailed.Add(1, JobMetrics.Of(run));
            run.Failed(work.Step);
        }
        int step = work is ReadPartWork ? JobStep.Combine : work.Step;
        Send(new Report(
            run.Id, new FailStep(step, NodeOf(work), JobFailure.Describe(error), isPermanent || !isAttempt, work.Attempt))
        {
            Run = run,
            Work =
                work
        });
    }
}
