using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// Counts the jobs of this node that have not ended, and refuses one more than there may be. It follows what is durable; a job that was only decided counts for a minute, in case it becomes so.
/// </summary>
/// <remarks>
/// <para>Each node counts the jobs whose shards it owns. A count over the grid would need one place that is asked before each submission and told after each end, whatever dies in between.</para>
/// <para>Jobs that come with their shards, from another node or an earlier process, are counted and never refused. Thread-safe: shards decide side by side.</para>
/// </remarks>
internal sealed class OpenJobs(JobRunnerOptions options, ActorSystem system)
{
    private static readonly TimeSpan TentativeMax = TimeSpan.FromMinutes(1);

    /// <summary>Looking at all costs more than a refusal should.</summary>
    private static readonly TimeSpan DropEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _using = new();
    private readonly Dictionary<EntityId, Entry> _jobs = [];
    private readonly Dictionary<string, int> _bySubmitter = new(StringComparer.Ordinal);
    private readonly HashSet<EntityId> _tentative = [];
    private long? _droppedAt;
    private readonly Refusals _refusals = RefusalsAt("jobs open on its node", nameof(JobRunnerOptions.JobsOpenMax), options.JobsOpenMax, system);
    private readonly Refusals _refusalsOfSubmitters = RefusalsAt(
        "jobs of its submitter open on its node", nameof(JobRunnerOptions.JobsOpenPerSubmitterMax), options.JobsOpenPerSubmitterMax, system);

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (_using) return _jobs.Count;
        }
    }

    /// <summary>Counts a job that is about to be submitted; one that is counted already has its place.</summary>
    /// <returns>Why not, or null.</returns>
    public OverloadedException? TryEnter(EntityId job, string submitter)
    {
        lock (_using)
        {
            if (_jobs.ContainsKey(job)) return null;
            if (IsFull(submitter)) DropLate();
            if (_jobs.Count >= options.JobsOpenMax) return _refusals.Refuse(job.ToString());
            if (OpenOf(submitter) >= options.JobsOpenPerSubmitterMax) return _refusalsOfSubmitters.Refuse(job.ToString());
            Add(job, submitter);
            _tentative.Add(job);
            return null;
        }
    }

    /// <summary>It is durable that the job is open.</summary>
    public void Confirm(EntityId job, string submitter)
    {
        lock (_using)
        {
            if (!_jobs.ContainsKey(job)) Add(job, submitter);
            else _tentative.Remove(job);
        }
    }

    /// <summary>It has ended, or is another node's now.</summary>
    public void Leave(EntityId job)
    {
        lock (_using) Remove(job);
    }

    private bool IsFull(string submitter) => _jobs.Count >= options.JobsOpenMax || OpenOf(submitter) >= options.JobsOpenPerSubmitterMax;

    private int OpenOf(string submitter) => _bySubmitter.GetValueOrDefault(submitter);

    private void Add(EntityId job, string submitter)
    {
        _jobs.Add(job, new Entry(submitter, system.Time.GetTimestamp()));
        _bySubmitter[submitter] = OpenOf(submitter) + 1;
    }

    private void Remove(EntityId job)
    {
        if (!_jobs.Remove(job, out var entry)) return;
        _tentative.Remove(job);
        int left = _bySubmitter[entry.Submitter] - 1;
        if (left == 0) _bySubmitter.Remove(entry.Submitter);
        else _bySubmitter[entry.Submitter] = left;
    }

    /// <summary>What the store has refused for good is never heard of again.</summary>
    private void DropLate()
    {
        if (_droppedAt is { } last && system.Time.GetElapsedTime(last) < DropEvery) return;
        _droppedAt = system.Time.GetTimestamp();
        foreach (var job in _tentative.Where(job => system.Time.GetElapsedTime(_jobs[job].Since) > TentativeMax).ToList()) Remove(job);
    }

    /// <summary>Jobs take longer than commands, so who is refused stays away for longer.</summary>
    private static Refusals RefusalsAt(string bound, string option, int limit, ActorSystem system) => new(bound, option, limit, system.Time, system.Random)
    {
        Shortest = TimeSpan.FromMilliseconds(250),
        Longest = TimeSpan.FromSeconds(30),
    };

    private readonly record struct Entry(string Submitter, long Since);
}
