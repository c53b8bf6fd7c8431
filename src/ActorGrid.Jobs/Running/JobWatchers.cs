using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>Who wants to hear of which job.</summary>
internal sealed class JobWatchers
{
    private readonly Dictionary<EntityId, List<JobWatch>> _byJob = [];

    public void Add(EntityId job, JobWatch watch)
    {
        if (!_byJob.TryGetValue(job, out var watches)) _byJob.Add(job, watches = []);
        watches.Add(watch);
    }

    public void Remove(EntityId job, JobWatch watch)
    {
        if (_byJob.TryGetValue(job, out var watches) && watches.Remove(watch) && watches.Count == 0) _byJob.Remove(job);
    }

    public bool Has(EntityId job) => _byJob.ContainsKey(job);

    public void Publish(EntityId job, JobProgress progress)
    {
        if (!_byJob.TryGetValue(job, out var watches)) return;
        foreach (var watch in watches) watch.Publish(progress);
        if (progress.IsFinal) _byJob.Remove(job);
    }

    public void Fail(EntityId job, Exception error)
    {
        if (_byJob.Remove(job, out var watches)) watches.ForEach(watch => watch.Fail(error));
    }

    public void FailAll(Exception error)
    {
        foreach (var job in _byJob.Keys.ToList()) Fail(job, error);
    }
}
