namespace ActorGrid.Jobs;

/// <summary>
/// Whose turn it is: a higher priority goes first, within a priority the submitter who has least in hand, and the jobs of a submitter take turns.
/// </summary>
/// <remarks>
/// <para>Pure: no clock, no chance. What is shared is how much each submitter has in hand at a time, not how often its turn comes: else whoever has long pieces would come to hold all workers.</para>
/// <para>Nobody starves: a priority that was passed over <see cref="PassedMax"/> times comes next, so of <see cref="PassedMax"/> + 2 pieces at least one is of each of the three that has any. And a
/// submitter with nothing in hand comes before all of its priority that have something.</para>
/// </remarks>
/// <param name="load">How much of a job is in hand.</param>
internal sealed class FairTurns<TJob>(Func<TJob, int> load)
    where TJob : class
{
    /// <summary>How often those of a higher priority may go first while there is something of a lower one.</summary>
    internal const int PassedMax = 8;

    /// <summary>The highest first.</summary>
    private readonly Level[] _levels = [new(), new(), new()];
    private readonly List<(int Load, int At)> _order = [];

    public void Add(JobRank rank, TJob job)
    {
        var level = LevelOf(rank.Priority);
        int at = level.Submitters.FindIndex(submitter => submitter.Name == rank.Submitter);
        if (at < 0)
        {
            // Behind those who wait: nobody gets ahead by leaving and coming back. What it has in hand, nothing, counts first.
            at = level.Submitters.Count;
            level.Submitters.Add(new Submitter(rank.Submitter));
        }
        level.Submitters[at].Jobs.Add(job);
    }

    /// <summary>Takes a job out; harmless if it is not there.</summary>
    public void Remove(JobRank rank, TJob job)
    {
        var level = LevelOf(rank.Priority);
        int at = level.Submitters.FindIndex(submitter => submitter.Name == rank.Submitter);
        if (at >= 0 && level.Submitters[at].Jobs.Remove(job) && level.Submitters[at].Jobs.Count == 0) level.Submitters.RemoveAt(at);
    }

    /// <summary>The next piece.</summary>
    /// <param name="take">Takes one from a job, if it has one. It must neither add jobs nor remove any.</param>
    /// <returns>Null: no job has any.</returns>
    public TPiece? Next<TPiece>(Func<TJob, TPiece?> take)
        where TPiece : class
    {
        foreach (var level in _levels)
        {
            if (level.Passed >= PassedMax && TakeFrom(level, take) is { } late) return late;
        }
        foreach (var level in _levels)
        {
            if (level.Passed < PassedMax && TakeFrom(level, take) is { } piece) return piece;
        }
        return null;
    }

    private TPiece? TakeFrom<TPiece>(Level level, Func<TJob, TPiece?> take)
        where TPiece : class
    {
        _order.Clear();
        var first = (Load: int.MaxValue, At: -1);
        for (int i = 0; i < level.Submitters.Count; i++)
        {
            // Those served last stand last, which decides where the load does not.
            var next = (Load: level.Submitters[i].Load(load), At: i);
            _order.Add(next);
            if (next.Load < first.Load) first = next;
        }
        if (first.At < 0) return null;
        // Nearly always the first has something; only if not they are put in order.
        if (TakeFrom(level, first.At, take) is { } piece) return piece;
        _order.Sort();
        foreach (var (_, at) in _order)
        {
            if (at != first.At && TakeFrom(level, at, take) is { } later) return later;
        }
        return null;
    }

    private TPiece? TakeFrom<TPiece>(Level level, int at, Func<TJob, TPiece?> take)
        where TPiece : class
    {
        var submitter = level.Submitters[at];
        if (submitter.Take(take) is not { } piece) return null;
        level.Submitters.RemoveAt(at);
        level.Submitters.Add(submitter);
        OnServed(level);
        return piece;
    }

    private void OnServed(Level served)
    {
        served.Passed = 0;
        for (int i = Array.IndexOf(_levels, served) + 1; i < _levels.Length; i++)
        {
            if (_levels[i].Submitters.Count > 0) _levels[i].Passed = Math.Min(_levels[i].Passed + 1, PassedMax);
        }
    }

    private Level LevelOf(JobPriority priority) => _levels[priority > JobPriority.Normal ? 0 : priority == JobPriority.Normal ? 1 : 2];

    private sealed class Level
    {
        public List<Submitter> Submitters { get; } = [];

        /// <summary>How often a higher one was served since this one was.</summary>
        public int Passed { get; set; }
    }

    private sealed class Submitter(string name)
    {
        public string Name => name;

        /// <summary>In the order of their turns.</summary>
        public List<TJob> Jobs { get; } = [];

        public int Load(Func<TJob, int> load)
        {
            int sum = 0;
            foreach (var job in Jobs) sum += load(job);
            return sum;
        }

        public TPiece? Take<TPiece>(Func<TJob, TPiece?> take)
            where TPiece : class
        {
            for (int i = 0; i < Jobs.Count; i++)
            {
                var job = Jobs[i];
                if (take(job) is not { } piece) continue;
                Jobs.RemoveAt(i);
                Jobs.Add(job);
                return piece;
            }
            return null;
        }
    }
}
