using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// The work that this node does for others: for whom it keeps room, what it has, and what it still has to tell. It runs nothing; the runner calls
/// it on its own turn.
/// </summary>
/// <remarks>A piece of work is kept, with its outcome, until its giver has settled or cancelled it, or has gone: so an outcome whose message was lost
/// is not.</remarks>
internal sealed class WorkTaker(IReadOnlyDictionary<string, JobType> types, JobPost post, TimeProvider time)
{
    /// <summary>What got no answer for so long is said again, or no more waited for.</summary>
    internal static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    /// <summary>While the store cannot be read, no work is pulled for this long.</summary>
    internal static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<Guid, WorkSource> _sources = [];
    private readonly Queue<LentWork> _waiting = [];
    private readonly JobPrograms _programs = new();
    private Guid _lastPulled;
    private long _pausedAt;
    private bool _isPaused;

    /// <summary>How many workers are kept for work that was pulled.</summary>
    public int Reserved => _sources.Values.Sum(source => source.Reserved);

    /// <summary>How many pieces of work have ended and are not settled.</summary>
    public int Unsettled => _sources.Values.Sum(source => source.Works.Values.Count(work => work.Answer is not null));

    /// <summary>Whether there is anything to report, or to wait for.</summary>
    public bool IsBusy => _sources.Values.Any(source => source.Works.Count > 0 || source.Reserved > 0);

    public IEnumerable<Guid> Givers => _sources.Keys;

    public void OnOffered(Guid giver, WorkOffered offer)
    {
        var known = offer.Types.Where(types.ContainsKey).ToList();
        if (known.Count > 0) Source(giver).Offered = known;
    }

    /// <summary>Keeps room at the giver whose turn it is. It is told by <see cref="SendPulls"/>.</summary>
    /// <returns>False if nobody has work to offer.</returns>
    public bool Pull()
    {
        if (IsPaused()) return false;
        var next = _sources.Values.FirstOrDefault(source => source.Giver.CompareTo(_lastPulled) > 0 && source.Offered.Count > 0)
            ?? _sources.Values.FirstOrDefault(source => source.Offered.Count > 0);
        if (next is null) return false;
        _lastPulled = next.Giver;
        next.Reserved++;
        next.Unsent++;
        return true;
    }

    public void SendPulls()
    {
        foreach (var source in _sources.Values.Where(source => source.Unsent > 0))
        {
            post.Send(source.Giver, new WorkPulled(source.Unsent, source.Offered));
            source.Unsent = 0;
            source.PulledAt = time.GetTimestamp();
        }
    }

    public void OnExhausted(Guid giver, WorkExhausted exhausted)
    {
        if (!_sources.TryGetValue(giver, out var source)) return;
        source.Offered = [];
        source.Reserved = Math.Max(source.Unsent, source.Reserved - exhausted.Room);
    }

    public void OnTraced(Guid giver, WorkTraced traced)
    {
        if (Spans.AreWanted) Source(giver).Traced = traced;
    }

    /// <summary>Work has come.</summary>
    public void OnGiven(Guid giver, WorkGiven order, bool isHalted)
    {
        var source = Source(giver);
        if (order.Number <= source.Last)
        {
            // It has come again. If it is not here, its first message was lost; or it was settled, and the giver does not ask for it.
            if (!source.Works.ContainsKey(order.Number)) post.Send(giver, new WorkReturned(order.Number, IsRefused: false, "It was lost on its way."));
            return;
        }
        source.Last = order.Number;
        source.Reserved = Math.Max(source.Unsent, source.Reserved - 1);
        string name = JobAddress.TypeOf(order.Job);
        if (isHalted || !types.TryGetValue(name, out var type))
        {
            post.Send(giver, isHalted
                ? new WorkReturned(order.Number, IsRefused: false, "The node is stopping.")
                : new WorkReturned(order.Number, IsRefused: true, $"The job '{name}' is not registered there."));
            return;
        }
        var work = new LentWork(giver, order, type, _programs) { Trace = source.Traced is { } traced && traced.Number == order.Number ? traced.Span : default };
        source.Works.Add(order.Number, work);
        _waiting.Enqueue(work);
    }

    /// <summary>The next piece of work that is here and not with a worker.</summary>
    public LentWork? Take()
    {
        while (_waiting.TryDequeue(out var work))
        {
            if (work.IsDropped || work.Answer is not null) continue;
            work.IsRunning = true;
            return work;
        }
        return null;
    }

    /// <summary>A worker is done with it.</summary>
    public void OnEnded(LentWork work, object? outcome, Exception? error, bool isPermanent)
    {
        work.IsRunning = false;
        if (work.IsDropped || work.Answer is not null) return;
        if (error is null)
        {
            work.Outcome = (ReadOnlyMemory<byte>)outcome!;
            bool fits = work.Outcome.Length <= JobWire.PieceBytesMax;
            Answer(work, new ResultReady(work.Order.Number, work.Outcome.Length, fits ? work.Outcome : default));
        }
        else if (work.IsOfTheStore(error))
        {
            _isPaused = true;
            _pausedAt = time.GetTimestamp();
            Answer(work, new WorkReturned(work.Order.Number, IsRefused: false, JobFailure.Describe(error)));
        }
        else
        {
            string cause = JobFailure.Describe(error);
            Answer(work, work.IsLoaded
                ? new WorkFailed(work.Order.Number, cause, isPermanent)
                : new WorkReturned(work.Order.Number, IsRefused: true, cause));
        }
    }

    public void OnResultWanted(Guid giver, ResultWanted wanted)
    {
        if (Find(giver, wanted.Number) is not { Answer: ResultReady } work || wanted.Offset > work.Outcome.Length) return;
        var rest = work.Outcome[wanted.Offset..];
        work.AnsweredAt = time.GetTimestamp();
        post.Send(giver, new ResultPiece(wanted.Number, wanted.Offset, rest[..Math.Min(rest.Length, JobWire.PieceBytesMax)]));
    }

    /// <summary>The giver does not want it any more, or knows how it ended.</summary>
    /// <returns>What is to be cancelled, if it is with a worker.</returns>
    public LentWork? Drop(Guid giver, long number)
    {
        if (Find(giver, number) is not { } work) return null;
        _sources[giver].Works.Remove(number);
        work.IsDropped = true;
        work.Outcome = default;
        return work.IsRunning ? work : null;
    }

    /// <summary>The giver has gone.</summary>
    /// <returns>What was under way for it, or had ended unheard.</returns>
    public IReadOnlyList<LentWork> OnGone(Guid giver)
    {
        if (!_sources.Remove(giver, out var source)) return [];
        foreach (var work in source.Works.Values)
        {
            work.IsDropped = true;
            work.Outcome = default;
        }
        return [.. source.Works.Values];
    }

    /// <summary>The node stops in order: what is not done goes back, and no room is kept any more.</summary>
    /// <returns>What is with workers.</returns>
    public IReadOnlyList<LentWork> OnHalt()
    {
        var running = new List<LentWork>();
        foreach (var source in _sources.Values)
        {
            source.Offered = [];
            source.Reserved = source.Unsent = 0;
            foreach (var work in source.Works.Values)
            {
                // An outcome that was sent whole is on its way; what is still to be fetched would keep us.
                bool isTold = work.Answer is WorkFailed or WorkReturned || (work.Answer is ResultReady ready && ready.Whole.Length == ready.Length);
                if (work.IsRunning) running.Add(work);
                if (!isTold) Answer(work, new WorkReturned(work.Order.Number, IsRefused: false, "The node is stopping."));
            }
        }
        return running;
    }

    /// <summary>Tells what is here, and what nobody has answered once more.</summary>
    public void Report()
    {
        foreach (var source in _sources.Values)
        {
            if (source.Reserved > 0 && time.GetElapsedTime(source.PulledAt) > AnswerMax)
            {
                // The answer is lost. If work comes all the same, it waits for a worker.
                source.Reserved = source.Unsent;
                source.Offered = [];
            }
            if (source.Works.Count == 0) continue;
            post.Send(
                source.Giver,
                new WorkReport(source.Last, [.. source.Works.Values.Take(JobWire.ItemsMax).Select(work => (work.Order.Number, work.UnitsDone))]));
            foreach (var work in source.Works.Values.Where(work => work.Answer is not null && time.GetElapsedTime(work.AnsweredAt) > AnswerMax))
            {
                Answer(work, work.Answer!);
            }
        }
    }

    private void Answer(LentWork work, JobMessage answer)
    {
        work.Answer = answer;
        work.AnsweredAt = time.GetTimestamp();
        post.Send(work.Giver, answer);
    }

    private LentWork? Find(Guid giver, long number) =>
        _sources.TryGetValue(giver, out var source) ? source.Works.GetValueOrDefault(number) : null;

    private WorkSource Source(Guid giver)
    {
        if (!_sources.TryGetValue(giver, out var source)) _sources.Add(giver, source = new WorkSource(giver));
        return source;
    }

    private bool IsPaused()
    {
        if (_isPaused && time.GetElapsedTime(_pausedAt) > StorePause) _isPaused = false;
        return _isPaused;
    }
}
