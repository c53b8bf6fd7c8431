namespace ActorGrid.Jobs;

/// <summary>
/// The jobs that wait until one of those in turn has ended, since each of these holds memory. The next one is that of the submitter with the fewest in turn, by the rules of <see cref="FairTurns{TJob}"/>.
/// </summary>
/// <remarks>
/// Once all places are taken there are as many again, one for each pair of priority and submitter that has none: neither an urgent job nor a submitter's only one waits for the end of others' long ones.
/// </remarks>
/// <param name="places">How many jobs are in turn; at most twice as many.</param>
internal sealed class JobLine<TJob>(int places)
    where TJob : class
{
    private readonly Dictionary<JobRank, Queue> _queues = [];
    private readonly FairTurns<Queue> _turns = new(static queue => queue.InTurn);
    private int _inTurn;

    /// <summary>How many queues somebody waits in, and how many of these have nobody in turn.</summary>
    private int _waiting, _without;

    /// <summary>How many are in turn.</summary>
    public int InTurn => _inTurn;

    public void Enqueue(JobRank rank, TJob job)
    {
        if (!_queues.TryGetValue(rank, out var queue)) _queues.Add(rank, queue = new Queue(rank));
        queue.Waiting.Enqueue(job);
        if (queue.Waiting.Count > 1) return;
        _turns.Add(rank, queue);
        Count(queue, 1);
    }

    /// <summary>The next job, which is in turn from now on, until <see cref="Leave"/>; null if there is no place, or nobody waits.</summary>
    public TJob? Next()
    {
        if (_inTurn < places ? _waiting == 0 : _without == 0 || _inTurn >= 2 * places) return null;
        var next = _turns.Next(queue => MayEnter(queue) ? queue : null) ?? throw new InvalidOperationException("A job that may be in turn was not found.");
        Count(next, -1);
        var job = next.Waiting.Dequeue();
        next.InTurn++;
        _inTurn++;
        if (next.Waiting.Count == 0) _turns.Remove(next.Rank, next);
        else Count(next, 1);
        if (_inTurn > 2 * places) throw new InvalidOperationException($"{_inTurn} jobs are in turn, more than twice the bound of {places}.");
        return job;
    }

    /// <summary>A job of that rank is in turn no more.</summary>
    public void Leave(JobRank rank)
    {
        var queue = _queues[rank];
        bool isWaiting = queue.Waiting.Count > 0;
        if (isWaiting) Count(queue, -1);
        queue.InTurn--;
        _inTurn--;
        if (isWaiting) Count(queue, 1);
        else if (queue.InTurn == 0) _queues.Remove(rank);
    }

    private void Count(Queue queue, int change)
    {
        _waiting += change;
        if (queue.InTurn == 0) _without += change;
    }

    private bool MayEnter(Queue queue) => _inTurn < places || (queue.InTurn == 0 && _inTurn < 2 * places);

    private sealed class Queue(JobRank rank)
    {
        public JobRank Rank => rank;

        public Queue<TJob> Waiting { get; } = new();

        public int InTurn { get; set; }
    }
}
