using ActorGrid.Actors;
using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Jobs;

/// <content>
/// What becomes of a job that cannot go on. The runner itself never fails: a new one in its place would know neither its workers nor the
/// jobs in hand.
/// </content>
internal sealed partial class JobRunner
{
    private static readonly Backoff SetbackBackoff =
        new() { First = TimeSpan.FromSeconds(1), Max = TimeSpan.FromMinutes(1), Jitter = 0.5 };

    /// <summary>The jobs that were let go of and have made no progress since. They end, or are taken up again.</summary>
    private readonly Dictionary<EntityId, Setback> _setbacks = [];

    private ILogger Log => field ??= new ContainedLogger(Context.Logger);

    /// <summary>An error in our own books must not take down the other jobs with it, nor leave this one waiting for ever.</summary>
    private void Contain(EntityId? job, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            LogDefect(Log, job, error);
            // Without a router there are no workers either: whoever tells us anything from now on is told that we are gone.
            if (_workers.Count < dispatchers.Count && !_isHalted) Context.StopSelf();
            if (job is not { } id) return;
            _watchers.Fail(id, error);
            if (!_runs.TryGetValue(id, out var run)) return;
            _setbacks[id] = new Setback(run.Durable, error);
            End(run);
            Send(new Report(
                id, new FailStep(JobStep.Combine, options.NodeName, JobFailure.Describe(error), IsPermanent: true, Attempt: 1)));
        }
    }

    /// <summary>Lets go of a job whose entity refuses what it is told, until it answers again; who waits for the job is told.</summary>
    private void SetBack(JobRun run, Exception error)
    {
        if (!_setbacks.TryGetValue(run.Id, out var setback)) _setbacks.Add(run.Id, setback = new Setback(run.Durable, error));
        setback.Durable = run.Durable;
        bool isElsewhere = _grid is not null && error is OwnershipLostException;
        if (!isElsewhere) _watchers.Fail(run.Id, error);
        End(run);
        if (isElsewhere && _watchers.Has(run.Id)) Follow(run.Id);
        ProbeLater(run.Id, setback, error);
    }

    private void ProbeLater(EntityId id, Setback setback, Exception error)
    {
        setback.Error = error;
        var delay = SetbackBackoff.Delay(setback.Tries++, Context.Random);
        LogSetBack(Log, id, delay, error);
        Context.Timers.StartOnce(setback, delay, new ProbeDue(id));
    }

    private void OnProbeDue(EntityId id)
    {
        // Of a job that is not finished this changes nothing: all that counts is whether there is an answer.
        if (!_isHalted && _setbacks.ContainsKey(id)) Send(new Report(id, new TidyJob()));
    }

    /// <summary>The entity answers again.</summary>
    private void Resume(EntityId id)
    {
        if (_isHalted || _runs.ContainsKey(id) || !_setbacks.TryGetValue(id, out var setback)) return;
        Take(new JobRun(id, types.GetValueOrDefault(JobAddress.TypeOf(id)), setback.Durable, isResumed: true));
    }

    /// <summary>Whether the job is not to be taken in hand now; it will begin with this state then.</summary>
    private bool IsSetBack(EntityId id, JobState state)
    {
        if (!_setbacks.TryGetValue(id, out var setback)) return false;
        setback.Durable = state;
        return true;
    }

    /// <summary>The job has got further, or has ended.</summary>
    private void Recovered(EntityId id)
    {
        if (_setbacks.Remove(id, out var setback)) Context.Timers.Cancel(setback);
    }

    /// <summary>A job that could not go on.</summary>
    private sealed class Setback(JobState durable, Exception error)
    {
        /// <summary>What it begins with when it is taken up again.</summary>
        public JobState Durable { get; set; } = durable;

        /// <summary>What stands in its way.</summary>
        public Exception Error { get; set; } = error;

        public int Tries { get; set; }
    }
}
