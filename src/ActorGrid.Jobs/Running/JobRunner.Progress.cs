using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <content>What the runner tells those who want to hear of a job.</content>
internal sealed partial class JobRunner
{
    private Refusals? _watchRefusals;

    private void OnTick()
    {
        JobMetrics.PartsWaiting.Record(_runs.Values.Sum(run => run.Remaining));
        foreach (var run in _runs.Values)
        {
            run.Rate.Add(Context.Time, Units(run));
            Publish(run.Id, Progress(run));
        }
    }

    private void Publish(EntityId job, JobProgress progress)
    {
        _watchers.Publish(job, progress);
        Notify(job, progress);
    }

    private void OnWatch(Watch watch)
    {
        if (_isHalted)
        {
            watch.Watcher.Fail(new ObjectDisposedException(nameof(JobClient), "The grid is stopping."));
            return;
        }
        if (!_runs.ContainsKey(watch.Id) && _setbacks.TryGetValue(watch.Id, out var setback))
        {
            watch.Watcher.Fail(setback.Error);
            return;
        }
        if (!_watchers.TryAdd(watch.Id, watch.Watcher))
        {
            var refusals = _watchRefusals ??= new Refusals("readers of progress and results at this node", "", JobWatchers.CountMax, Context.Time, Context.Random);
            watch.Watcher.Fail(refusals.Refuse(watch.Id.ToString()));
            return;
        }
        if (_runs.TryGetValue(watch.Id, out var run)) watch.Watcher.Publish(Progress(run));
        else Follow(watch.Id);
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
