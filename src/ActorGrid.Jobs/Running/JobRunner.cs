using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// Gives the work of all jobs in hand to the workers of the node, and reports what comes of it to the jobs' entities. It decides nothing: a job begins,
/// goes on and ends for it by the durable states that it is told of, and what it loses it learns again from them.
/// </summary>
/// <remarks>
/// The next part is computed while the partial results of others are being written, but only so many of them (<see cref="JobRunnerOptions.RecordingMax"/>): a store
/// that is slow slows the workers down and does not fill the memory. Jobs take turns, a piece of work each.
/// </remarks>
internal sealed partial class JobRunner(IReadOnlyDictionary<string, JobType> types, JobRunnerOptions options, IReadOnlyList<Dispatcher> dispatchers) : Actor<RunnerMessage>
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly Backoff ReportBackoff = new() { First = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(10), Jitter = 0.5 };

    private readonly Dictionary<EntityId, JobRun> _runs = [];
    private readonly List<JobRun> _inTurn = [];
    private readonly Queue<JobRun> _inLine = [];
    private readonly Queue<int> _freeWorkers = [];
    private readonly List<ActorRef<JobWork>> _workers = [];
    private readonly JobWatchers _watchers = new();
    private readonly List<RunnerMessage> _beforeBegin = [];
    private IEntityRouter? _router;
    private bool _isHalted;
    private int _turn;
    private int _recording;

    protected override ValueTask OnMessageAsync(RunnerMessage message)
    {
        if (_router is null && message is not (Begin or Halt)) _beforeBegin.Add(message);
        else if (message.Run is { } run) HandleOf(run, message);
        else Handle(message);
        return default;
    }

    /// <summary>An error in our own books must not take down the other jobs with it, nor leave this one waiting for ever.</summary>
    private void HandleOf(JobRun run, RunnerMessage message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception error) when (!run.IsOver)
        {
            Abandon(run, error);
            Send(new Report(run.Id, new FailStep(JobStep.Combine, options.NodeName, error.ToString(), IsPermanent: true)));
        }
    }

    private void Handle(RunnerMessage message)
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
            case Watch watch: OnWatch(watch); break;
            case Unwatch unwatch: _watchers.Remove(unwatch.Id, unwatch.Watcher); break;
        }
        if (!_isHalted) GiveOut();
        else if (_freeWorkers.Count == _workers.Count) Context.StopSelf();
    }

    private void OnBegin(Begin begin)
    {
        _router = begin.Router;
        for (int number = 0; number < dispatchers.Count; number++)
        {
            int worker = number;
            _workers.Add(Context.Spawn(
                () => new JobWorker(worker, Self, begin.Journal), $"worker-{worker}", new SpawnOptions { Dispatcher = dispatchers[worker] }));
            _freeWorkers.Enqueue(worker);
        }
        foreach (var message in _beforeBegin) Handle(message);
        _beforeBegin.Clear();
    }

    private void OnHalt()
    {
        _isHalted = true;
        foreach (var run in _runs.Values.ToList()) End(run);
        _watchers.FailAll(new ObjectDisposedException(nameof(JobClient), "The grid is stopping; the job goes on when it is started again."));
    }

    private void OnChanged(EntityId id, JobState state)
    {
        if (_runs.TryGetValue(id, out var run)) run.Durable = state;
        if (state.IsUnfinished)
        {
            if (run is not null || _isHalted) return;
            if (types.TryGetValue(JobAddress.TypeOf(id), out var type)) Take(new JobRun(id, type, state));
            else LogNotRegistered(Context.Logger, id, JobAddress.TypeOf(id));
            return;
        }
        if (run is not null)
        {
            LogEnded(Context.Logger, id, state.Status);
            End(run);
        }
        if (state.Status is null) return;
        _watchers.Publish(id, Progress(state));
        if (!state.IsTidy) Send(new Report(id, new TidyJob()));
    }

    /// <summary>Takes a job in hand, or lets it stand in line if there are many.</summary>
    private void Take(JobRun run)
    {
        LogInHand(Context.Logger, run.Id, run.Durable.Done.Count, run.Durable.Total);
        _runs.Add(run.Id, run);
        _inLine.Enqueue(run);
        if (!Context.Timers.IsRunning(nameof(Tick))) Context.Timers.StartPeriodic(nameof(Tick), TickPeriod, new Tick());
        MoveUp();
    }

    private void MoveUp()
    {
        while (_inTurn.Count < options.JobsMax && _inLine.TryDequeue(out var run))
        {
            if (!run.IsOver) _inTurn.Add(run);
        }
    }

    private void End(JobRun run)
    {
        var begun = run.Begun.ToList();
        foreach (var work in begun) GiveUp(work);
        Cancel(begun);
        run.End();
        _runs.Remove(run.Id);
        _inTurn.Remove(run);
        MoveUp();
        if (_runs.Count > 0) return;
        Context.Timers.Cancel(nameof(Tick));
        JobMetrics.PartsWaiting.Record(0);
    }

    private void Abandon(JobRun run, Exception error)
    {
        LogAbandoned(Context.Logger, run.Id, error);
        _watchers.Fail(run.Id, error);
        End(run);
    }

    private void GiveUp(JobWork work)
    {
        work.IsGivenUp = true;
        work.Run.Begun.Remove(work);
        Context.Timers.Cancel(work);
    }

    private void Cancel(IReadOnlyCollection<JobWork> work)
    {
        // No child of ours: when we stop, it is what makes the workers stop.
        if (work.Count > 0) Context.System.Spawn(() => new JobCanceller(work));
    }

    private void GiveOut()
    {
        while (_freeWorkers.Count > 0 && NextWork() is { } work)
        {
            work.Run.Begun.Add(work);
            if (work is SplitWork or RunPartWork) OnBeginning(work);
            _workers[_freeWorkers.Dequeue()].Tell(work);
        }
    }

    private JobWork? NextWork()
    {
        for (int i = 0; i < _inTurn.Count; i++)
        {
            int at = (_turn + i) % _inTurn.Count;
            if (_inTurn[at].Take(mayRun: _recording < options.RecordingMax) is not { } work) continue;
            _turn = at + 1;
            return work;
        }
        return null;
    }

    private void OnBeginning(JobWork work)
    {
        if (work.Attempt > 1) JobMetrics.AttemptsRetried.Add(1, JobMetrics.Of(work.Run));
        // The start of a suspect was written before, see JobRun.Suspects; that of another one is written while it runs.
        if (!work.IsAnnounced) Send(new Report(work.Run.Id, new StartStep(work.Step, options.NodeName)) { Run = work.Run });
        if (work is RunPartWork && work.Run.Type.Options.PartTimeout is { } timeout) Context.Timers.StartOnce(work, timeout, new WorkTimedOut(work));
    }

    private void OnEnded(WorkEnded ended)
    {
        var (work, run) = (ended.Work, ended.Work.Run);
        _freeWorkers.Enqueue(ended.Worker);
        if (work.IsGivenUp) return;
        Context.Timers.Cancel(work);
        if (ended.Error is { } error)
        {
            OnFailed(work, error, ended.IsPermanent);
            return;
        }
        switch (work, ended.Outcome!)
        {
            case (OpenWork, Opened opened):
                run.Begun.Remove(work);
                run.Opened(opened.Program, opened.Parts);
                foreach (int suspect in run.Suspects) Send(new Report(run.Id, new StartStep(suspect, options.NodeName)) { Run = run, Outcome = run });
                break;
            case (SplitWork, PartList parts):
                Send(new Report(run.Id, new FinishSplit(parts.Count, parts.Units, parts.Encoded)) { Run = run, Work = work, Outcome = parts });
                break;
            case (RunPartWork part, Partial partial):
                part.HasRun = true;
                _recording++;
                Send(new Report(run.Id, new FinishPart(work.Step, run.Parts!.Weight(work.Step), partial.Encoded)) { Run = run, Work = work, Outcome = partial.Value });
                break;
            case (ReadPartWork, { } partial):
                run.Begun.Remove(work);
                run.Put(new CombineNode(0, work.Step), partial);
                break;
            case (CombineWork combine, { } combined):
                run.Begun.Remove(work);
                run.Put(combine.Into, combined);
                break;
            case (ResultWork, ReadOnlyMemory<byte> result):
                Send(new Report(run.Id, new CompleteJob(result)) { Run = run, Work = work });
                break;
        }
    }

    private void OnTimedOut(JobWork work)
    {
        Cancel([work]);
        OnFailed(work, new TimeoutException($"It took longer than its PartTimeout of {work.Run.Type.Options.PartTimeout}."), isPermanent: false);
    }

    private void OnFailed(JobWork work, Exception error, bool isPermanent)
    {
        var run = work.Run;
        GiveUp(work);
        LogAttemptFailed(Context.Logger, run.Id, work.Attempt, JobStep.Name(work.Step), error);
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
        Send(new Report(run.Id, new FailStep(step, options.NodeName, JobFailure.Describe(error), isPermanent || !isAttempt)) { Run = run, Work = work });
    }

    private void Send(Report report)
    {
        if (report.Run is { IsOver: true })
        {
            Settle(report);
            return;
        }
        if (report.Tries++ == 0) report.CommandId = CommandId.New(Context.Time.GetUtcNow(), Context.Random);
        var answer = _router!.AskAsync(report.Id, report.Command, new AskOptions { CommandId = report.CommandId });
        Context.PipeToSelf(answer, verdict => new Reported(report, verdict), error => new ReportFailed(report, error));
    }

    /// <summary>A report is over, one way or the other.</summary>
    private void Settle(Report report)
    {
        if (report.Command is FinishPart) _recording--;
        if (report.Work is { } work) work.Run.Begun.Remove(work);
    }

    private void OnReported(Report report, Verdict verdict)
    {
        Settle(report);
        if (report.Run is not { IsOver: false } run) return;
        switch (report.Command)
        {
            case StartStep start when report.Outcome is not null && verdict.Taken:
                run.Announced(start.Step);
                break;
            case FinishSplit when verdict.Taken:
                run.HasParts((PartList)report.Outcome!);
                break;
            case FinishSplit:
                run.Reopen();
                break;
            case FinishPart part when verdict.Taken:
                JobMetrics.PartsRun.Add(1, JobMetrics.Of(run));
                run.PartDone(part.Part, report.Outcome!);
                break;
            case FinishPart part:
                run.PartWasDone(part.Part);
                break;
            case FailStep fail when verdict.Taken && !fail.IsPermanent:
                var delay = run.Type.Options.Backoff.Delay(report.Work!.Attempt - 1, Context.Random);
                Context.Timers.StartOnce(report, delay, new RetryDue(run, fail.Step));
                break;
        }
    }

    private void OnReportFailed(Report report, Exception error)
    {
        if (report.Run is { IsOver: true })
        {
            Settle(report);
            return;
        }
        switch (error)
        {
            case AskTimeoutException or OverloadedException or StoreException:
                break;
            case OutcomeUnknownException:
                // Asked for so long that its id is forgotten. The entity takes each of these commands once by their content, too.
                report.Tries = 0;
                break;
            default:
                // Its shard is with another owner, say, or it is quarantined. If it recovers here we hear of it again.
                Settle(report);
                if (report.Run is { } run) Abandon(run, error);
                return;
        }
        if (error is StoreException store) OnStoreFailed(report.Id, store);
        var delay = ReportBackoff.Delay(report.Tries, Context.Random);
        LogReportFailed(Context.Logger, report.Id, report.Command.GetType().Name, delay, error);
        Context.Timers.StartOnce(report, delay, new ReportAgain(report));
    }

    /// <summary>We go on trying; but who waits for the job is told what stands in its way, if that needs somebody to do something.</summary>
    private void OnStoreFailed(EntityId id, StoreException error)
    {
        if (!error.IsTransient) _watchers.Fail(id, error);
    }

    private void OnTick()
    {
        JobMetrics.PartsWaiting.Record(_runs.Values.Sum(run => run.Remaining));
        foreach (var run in _runs.Values)
        {
            run.Rate.Add(Context.Time, Units(run));
            _watchers.Publish(run.Id, Progress(run));
        }
    }

    private void OnWatch(Watch watch)
    {
        if (_isHalted)
        {
            watch.Watcher.Fail(new ObjectDisposedException(nameof(JobClient), "The grid is stopping."));
            return;
        }
        _watchers.Add(watch.Id, watch.Watcher);
        if (_runs.TryGetValue(watch.Id, out var run)) watch.Watcher.Publish(Progress(run));
    }

    private static long Units(JobRun run) => run.UnitsDone + run.Begun.Sum(work => work.UnitsDone);

    private JobProgress Progress(JobRun run)
    {
        long units = Units(run);
        double rate = run.Rate.PerSecond(Context.Time);
        double secondsLeft = rate > 0 ? (run.Durable.UnitsTotal - units) / rate : double.PositiveInfinity;
        bool isKnown = run.Durable.Status == JobStatus.Running && secondsLeft < TimeSpan.FromDays(36_500).TotalSeconds;
        return Progress(run.Durable) with
        {
            UnitsDone = units,
            UnitsPerSecond = rate,
            TimeLeft = isKnown ? TimeSpan.FromSeconds(Math.Max(0, secondsLeft)) : null,
        };
    }

    private static JobProgress Progress(JobState state) => new(
        state.Status!.Value, state.Done.Count, state.Total, state.UnitsDone, state.UnitsTotal, UnitsPerSecond: 0,
        state.IsUnfinished ? null : TimeSpan.Zero, state.Failures);
}
