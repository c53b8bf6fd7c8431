using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// One job in the hands of the runner: which work comes next, and what follows from work that has ended. It does no I/O and runs nothing;
/// the runner calls it on its own turn. All of it can be lost at any time: the job's entity knows what is durable, and a run begins with
/// that.
/// </summary>
/// <remarks>
/// Parts are begun in the order of their numbers, whether they are run or, being done already, only read back. A partial result enters the
/// tree once it is durable. So in memory are the partial results of the parts that were begun and are not in the tree, and at most
/// log2(parts) combinations for each of them.
/// </remarks>
internal sealed class JobRun
{
    /// <summary>While so many steps wait for another attempt, no further parts are begun: a bound on what is kept out of order.</summary>
    internal const int WaitingMax = 64;

    private readonly Queue<JobWork> _combines = [];
    private readonly Queue<int> _reads = [];
    private readonly Queue<int> _ready = [];
    private readonly Dictionary<int, int> _failures = [];
    private readonly Dictionary<int, int> _starts = [];
    private readonly PartSet _doneBefore;
    private readonly HashSet<int> _announced = [];
    private readonly HashSet<int> _suspects;
    private bool _maySplit;
    private CombineTree<object> _tree = new(0);
    private bool _isOpening;
    private bool _isEnding;
    private int _next;
    private int _waiting;

    /// <summary>Begins with what is durable.</summary>
    /// <param name="id">The job.</param>
    /// <param name="type">Its type.</param>
    /// <param name="start">What is durable.</param>
    /// <param name="isResumed">Whether this process had it in hand before: then what was started last was no loss, and is started under
    /// the same number.</param>
    public JobRun(EntityId id, JobType type, JobState start, bool isResumed = false)
    {
        int own = isResumed ? 1 : 0;
        Id = id;
        Type = type;
        Durable = start;
        _doneBefore = start.Done;
        foreach (var (step, track) in start.Open)
        {
            _failures[step] = track.Failures;
            _starts[step] = track.Starts - (track.Losses > 0 ? own : 0);
        }
        _suspects = [.. start.Open.Where(open => open.Value.Losses > own).Select(open => open.Key)];
        _maySplit = !_suspects.Contains(JobStep.Split);
        UnitsDone = start.UnitsDone;
    }

    public EntityId Id { get; }

    public JobType Type { get; }

    /// <summary>The last durable state that was heard of.</summary>
    public JobState Durable { get; set; }

    /// <summary>Nothing that comes from the workers counts any more.</summary>
    public bool IsOver { get; private set; }

    public JobProgram? Program { get; private set; }

    public PartList? Parts { get; private set; }

    /// <summary>The attempts that are with workers, or whose outcome is not durable yet.</summary>
    public HashSet<JobWork> Begun { get; } = [];

    /// <summary>How many parts are not done, as far as is known.</summary>
    public int Remaining => IsOver ? 0 : Durable.Total - Durable.Done.Count;

    /// <summary>The weight of the parts whose partial results are durable.</summary>
    public long UnitsDone { get; private set; }

    public RateMeter Rate { get; } = new();

    /// <summary>The steps that went down with a process before. They are begun only after their start is durable, so that each such loss is
    /// counted.</summary>
    public IReadOnlyCollection<int> Suspects => _suspects;

    /// <summary>The next piece of work, if there is any now.</summary>
    /// <param name="mayRun">Whether a part may be run, or whether enough partial results wait to become durable.</param>
    public JobWork? Take(bool mayRun)
    {
        if (IsOver) return null;
        if (Program is null) return Once(ref _isOpening) ? new OpenWork(this) : null;
        if (_combines.TryDequeue(out var combine)) return combine;
        if (Parts is null) return TakeSplit();
        if (_reads.TryDequeue(out int read)) return new ReadPartWork(this, read);
        if (mayRun && _ready.TryDequeue(out int ready)) return RunPart(ready);
        if (TakeNext(mayRun) is { } next) return next;
        bool isComplete = Parts.Count == 0 || _tree.Total is not null;
        return isComplete && Once(ref _isEnding) ? new ResultWork(this, _tree.Total) : null;
    }

    /// <summary>The job's code is loaded, and its parts if it has been split.</summary>
    public void Opened(JobProgram program, PartList? parts)
    {
        Program = program;
        if (parts is not null) HasParts(parts);
    }

    /// <summary>The parts are durable.</summary>
    public void HasParts(PartList parts)
    {
        Parts = parts;
        _tree = new CombineTree<object>(parts.Count);
    }

    /// <summary>Loads the job once more: it could not be read, or turned out to have been split before.</summary>
    public void Reopen()
    {
        Program = null;
        _isOpening = false;
    }

    /// <summary>Reads the partial result of a part once more.</summary>
    public void Reread(int part) => _reads.Enqueue(part);

    /// <summary>A value is there for a place in the tree: a durable partial result, or a combination.</summary>
    public void Put(CombineNode node, object value)
    {
        if (_tree.Put(node, value) is { } pair) _combines.Enqueue(new CombineWork(this, pair.Into, pair.Left, pair.Right));
    }

    /// <summary>The partial result of a part has become durable.</summary>
    public void PartDone(int part, object partial)
    {
        UnitsDone += Parts!.Weight(part);
        Put(new CombineNode(0, part), partial);
    }

    /// <summary>The partial result of a part is in the store already: take it from there.</summary>
    public void PartWasDone(int part)
    {
        UnitsDone += Parts!.Weight(part);
        Reread(part);
    }

    /// <summary>The number of the start that comes now, from 1.</summary>
    public int NextStart(int step) => _starts[step] = _starts.GetValueOrDefault(step) + 1;

    /// <summary>The number of the last start.</summary>
    public int LastStart(int step) => _starts[step];

    /// <summary>An attempt failed.</summary>
    public void Failed(int step)
    {
        _waiting++;
        _failures[step] = Attempt(step);
    }

    /// <summary>A step that failed may be begun again.</summary>
    public void MayRetry(int step)
    {
        _waiting--;
        MayBegin(step);
    }

    /// <summary>The start of a suspect is durable: it may be begun.</summary>
    public void Announced(int step)
    {
        _announced.Add(step);
        MayBegin(step);
    }

    /// <summary>Ends the run; what is with workers is cancelled by the runner.</summary>
    public void End()
    {
        IsOver = true;
        _combines.Clear();
        _ready.Clear();
        _reads.Clear();
        _tree = new CombineTree<object>(0);
    }

    private void MayBegin(int step)
    {
        if (step == JobStep.Split) _maySplit = true;
        else _ready.Enqueue(step);
    }

    private SplitWork? TakeSplit()
    {
        if (!_maySplit) return null;
        _maySplit = false;
        return new SplitWork(this, Attempt(JobStep.Split)) { IsAnnounced = _announced.Remove(JobStep.Split) };
    }

    private JobWork? TakeNext(bool mayRun)
    {
        for (; _next < Parts!.Count; _next++)
        {
            if (_doneBefore.Contains(_next)) return new ReadPartWork(this, _next++);
            if (_suspects.Contains(_next)) continue;
            return mayRun && _waiting < WaitingMax ? RunPart(_next++) : null;
        }
        return null;
    }

    private RunPartWork RunPart(int part) => new(this, part, Attempt(part)) { IsAnnounced = _announced.Remove(part) };

    private int Attempt(int step) => _failures.GetValueOrDefault(step) + 1;

    private static bool Once(ref bool done) => !done && (done = true);
}
