using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>Who wants to hear of which job.</summary>
internal sealed class JobWatchers
{
    /// <summary>The most of them; whoever comes later is refused.</summary>
    internal const int CountMax = 100_000;

    private readonly Dictionary<EntityId, List<JobWatch>> _byJob = [];
    private int _count;

    /// <summary>Adds one, unless there are too many.</summary>
    public bool TryAdd(EntityId job, JobWatch watch)
    {
        if (_count >= CountMax) return false;
        _count++;
        if (!_byJob.TryGetValue(job, out var watches)) _byJob.Add(job, watches = []);
        watches.Add(watch);
        return true;
    }

    public void Remove(EntityId job, JobWatch watch)
    {
        if (!_byJob.TryGetValue(job, out var watches) || !watches.Remove(watch)) return;
        _count--;
        if (watches.Count == 0) _byJob.Remove(job);
    }

    public bool Has(EntityId job) => _byJob.ContainsKey(job);

    public void Publish(EntityId job, JobProgress progress)
    {
        if (!_byJob.TryGetValue(job, out var watches)) return;
        foreach (var watch in watches) watch.Publish(progress);
        if (progress.IsFinal) Forget(job);
    }

    public void Fail(EntityId job, Exception error)
    {
        foreach (var watch in Forget(job)) watch.Fail(error);
    }

    public void FailAll(Exception error)
    {
        foreach (var job in _byJob.Keys.ToList()) Fail(job, error);
    }

    private List<JobWatch> Forget(EntityId job)
    {
        if (!_byJob.Remove(job, out var watches)) return [];
        _count -= watches.Count;
        return watches;
    }
}
