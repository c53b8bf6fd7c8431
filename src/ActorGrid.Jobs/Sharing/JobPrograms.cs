using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>The code of the jobs that this node last worked on for others, so that it is not read and decoded for each part. Thread-safe.</summary>
internal sealed class JobPrograms
{
    private const int KeptMax = 16;
    private readonly Lock _gate = new();
    private readonly List<(EntityId Job, JobProgram Program)> _last = [];

    public async ValueTask<JobProgram> LoadAsync(JobType type, EntityId job, IEventJournal journal, CancellationToken cancellationToken)
    {
        if (Find(job) is { } found) return found;
        var program = type.Load(await JobAttachment.ReadAsync(journal, job, JobAttachment.Job, cancellationToken));
        lock (_gate)
        {
            // Two workers may have loaded it side by side; either will do.
            _last.RemoveAll(entry => entry.Job == job);
            if (_last.Count == KeptMax) _last.RemoveAt(0);
            _last.Add((job, program));
        }
        return program;
    }

    private JobProgram? Find(EntityId job)
    {
        lock (_gate) return _last.Find(entry => entry.Job == job).Program;
    }
}
