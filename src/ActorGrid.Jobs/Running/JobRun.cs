using System.Diagnostics;
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

    /// <summary>So many partial results of other nodes are kept until they are decoded; further ones are read back from the store.</summary>
    internal const int KeptMax = 16;

    private static readonly JobOptions DefaultOptions = new();

    private readonly Queue<JobWork> _combines = [];
    private readonly Queue<(int Part, ReadOnlyMemory<byte>? Encoded)> _reads = [];
    private readonly Queue<int> _ready = [];
    private readonly Dictionary<int, int> _failures = [];
    private readonly Dictionary<int, int> _starts = [];
    private readonly PartSet _doneBefore;
    private readonly HashSet<int> _announced = [];
    private readonly HashSet<int> _suspects;
    private bool _maySplit;
    private bool _isSplit;
    private CombineTree<object> _tree = new(0);
    private bool _isOpening;
    private bool _isEnding;
    private int _next;
    private int _waiting;
    private int _kept;
    private bool _isOpen;

    /// <summary>Begins with what is durable.</summary>
    /// <param name="id">The job.</param>
    /// <param name="type">Its type; null if it is not registered here: then this node only keeps the books, and others do all the work.</param>
    /// <param name="start">What is durable.</param>
    /// <param name="isResumed">Whether this process had it in hand before: then what was started last was no loss, and is started under
    /// the same number.</param>
    public JobRun(EntityId id, JobType? type, JobState start, bool isResumed = false)
    {
        int own = isResumed ? 1 : 0;
        Id = id;
        Type = type;
        Durable = start;
        Rank = new JobRank(start.Priority, start.Submitter ?? "");
        _doneBefore = start.Done;
        foreach (var (step, track) in start.Open)
        {
            _failures[step] = track.Failures;
            _starts[step] = track.Starts - (track.Losses > 0 ? own : 0);
        }
        _suspects = [.. start.Open.Where(open => open.Value.Losses > own).Select(open => open.Key)];
        _maySplit = !_suspects.Contains(JobStep.Split);
        _isEnding = _suspects.Contains(JobStep.Combine);
        UnitsDone = start.UnitsDone;
    }

    public EntityId Id { get; }

    public JobType? Type { get; }

    /// <summary>What its turn depends on.</summary>
    public JobRank Rank { get; }

    public string TypeName => JobAddress.TypeOf(Id);

    /// <summary>Of a type that is not registered here, the defaults.</summary>
    public JobOptions Options => Type?.Options ?? DefaultOptions;

    /// <summary>Whether this node has no code for the job: its parts, split and end are for other nodes.</summary>
    public bool IsForeign => Type is null;

    /// <summary>The nodes that cannot do any work of this job.</summary>
    public HashSet<Guid> Refusers { get; } = [];

    /// <summary>The last durable state that was heard of.</summary>
    public JobState Durable { get; set; }

    /// <summary>From when it was taken in hand; null: nobody wanted it.</summary>
    public Activity? Span { get; set; }

    /// <summary>The span that its work belongs under; none: nobody follows it.</summary>
    public ActivityContext Trace => JobSpans.ContextOf(Span, Durable.Trace);

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

    /// <summary>The steps whose start is durable and that have not begun.</summary>
    public IReadOnlyCollection<int> AnnouncedSteps => _announced;

    /// <summary>The next piece of work for this node, if there is any now.</summary>
    /// <param name="mayRun">Whether a part may be run, or whether enough partial results wait to become durable.</param>
    public JobWork? Take(bool mayRun)
    {
        if (IsOver) return null;
        if (!_isOpen) return Once(ref _isOpening) ? new OpenWork(this, _isSplit || Durable.Status != JobStatus.Splitting) : null;
        if (IsForeign) return null;
        if (_combines.TryDequeue(out var combine)) return combine;
        if (Parts is null) return TakeSplit();
        bool isNextToRun = IsNextToRun();
        if (_reads.TryDequeue(out var read)) return TakeRead(read.Part, read.Encoded);
        if (mayRun && TakePart(isNextToRun) is { } part) return part;
        bool isComplete = Parts.Count == 0 || _tree.Total is not null;
        return isComplete && Once(ref _isEnding) ? new ResultWork(this, _tree.Total) : null;
    }

    /// <summary>The next piece of work that another node may do, if there is any now.</summary>
    /// <param name="mayRun">As for <see cref="Take"/>.</param>
    public JobWork? TakeShared(bool mayRun)
    {
        if (IsOver || !_isOpen) return null;
        if (Parts is null) return IsForeign ? TakeSplit() : null;
        if (mayRun && TakePart(IsNextToRun()) is { } part) return part;
        return IsForeign && Durable.Done.Count == Parts.Count && Once(ref _isEnding)
            ? new FinishWork(this) { IsAnnounced = _announced.Remove(JobStep.Combine) }
            : null;
    }

    /// <summary>About how many pieces <see cref="TakeShared"/> would bring now.</summary>
    public int Shareable(bool mayRun)
    {
        if (IsOver || !_isOpen) return 0;
        if (Parts is null) return IsForeign && _maySplit ? 1 : 0;
        if (mayRun && (_ready.Count > 0 || IsNextToRun())) return _ready.Count + Math.Max(0, Parts.Count - _next);
        return IsForeign && Durable.Done.Count == Parts.Count && !_isEnding ? 1 : 0;
    }

    /// <summary>The job's code is loaded, and its parts if it has been split.</summary>
    public void Opened(JobProgram? program, PartList? parts)
    {
        Program = program;
        _isOpen = true;
        if (parts is not null) HasParts(parts);
    }

    /// <summary>The parts are durable.</summary>
    public void HasParts(PartList parts)
    {
        Parts = parts;
        _tree = new CombineTree<object>(parts.Count);
    }

    /// <summary>Loads the job once more: it could not be read.</summary>
    public void Reopen()
    {
        Program = null;
        _isOpen = false;
        _isOpening = false;
    }

    /// <summary>Reads the partial result of a part once more.</summary>
    public void Reread(int part) => _reads.Enqueue((part, null));

    /// <summary>A value is there for a place in the tree: a durable partial result, or a combination.</summary>
    public void Put(CombineNode node, object value)
    {
        if (_tree.Put(node, value) is { } pair) _combines.Enqueue(new CombineWork(this, pair.Into, pair.Left, pair.Right));
    }

    /// <summary>The partial result of a part has become durable.</summary>
    public void PartDone(int part, Partial partial)
    {
        UnitsDone += Parts!.Weight(part);
        if (IsForeign) return;
        if (partial.Value is { } value)
        {
            Put(new CombineNode(0, part), value);
            return;
        }
        // It came from another node, and is decoded by a worker of this one when there is one to spare.
        bool isKept = _kept < KeptMax;
        if (isKept) _kept++;
        _reads.Enqueue((part, isKept ? partial.Encoded : (ReadOnlyMemory<byte>?)null));
    }

    /// <summary>The partial result of a part is in the store already: take it from there.</summary>
    public void PartWasDone(int part)
    {
        UnitsDone += Parts!.Weight(part);
        if (!IsForeign) Reread(part);
    }

    /// <summary>
    /// The job's entity says that the split or a part is done, by what an earlier owner of the job still had under way. That may come before the
    /// durable state that shows it.
    /// </summary>
    public void WasDone(int step)
    {
        if (step == JobStep.Split) WasSplit();
        else PartWasDone(step);
    }

    /// <summary>As <see cref="WasDone"/>, of a step whose last attempt here failed.</summary>
    public void FailedTooLate(int step)
    {
        _waiting--;
        WasDone(step);
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

    /// <summary>A step was begun and came to nothing, for no fault of its own: it may be begun again.</summary>
    public void Returned(int step) => MayBegin(step);

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
        switch (step)
        {
            case JobStep.Split: _maySplit = true; break;
            case JobStep.Combine: _isEnding = false; break;
            default: _ready.Enqueue(step); break;
        }
    }

    /// <summary>The parts are in the store: they are loaded from there, unless they are here already, and the split is put on record no
    /// more.</summary>
    private void WasSplit()
    {
        _suspects.Remove(JobStep.Split);
        if (Once(ref _isSplit) && Parts is null) Reopen();
    }

    private SplitWork? TakeSplit()
    {
        if (!_maySplit) return null;
        _maySplit = false;
        return new SplitWork(this, Attempt(JobStep.Split)) { IsAnnounced = _announced.Remove(JobStep.Split) };
    }

    private ReadPartWork TakeRead(int part, ReadOnlyMemory<byte>? encoded)
    {
        if (encoded is not null) _kept--;
        return new ReadPartWork(this, part, encoded);
    }

    /// <summary>A part that waits for another attempt, else the next one.</summary>
    private RunPartWork? TakePart(bool isNextToRun)
    {
        while (_ready.TryDequeue(out int ready))
        {
            // What an earlier owner of the job had under way may have been recorded meanwhile.
            if (!Durable.Done.Contains(ready)) return RunPart(ready);
            PartWasDone(ready);
        }
        return isNextToRun ? RunPart(_next++) : null;
    }

    /// <summary>Moves on to the next part that is to be run, past those that are only to be read back; of these, a bounded number at a
    /// time.</summary>
    /// <returns>Whether it may be begun now.</returns>
    private bool IsNextToRun()
    {
        for (; _next < Parts!.Count; _next++)
        {
            if (_suspects.Contains(_next)) continue;
            bool wasDone = _doneBefore.Contains(_next);
            if (!wasDone && !Durable.Done.Contains(_next)) return _waiting < WaitingMax;
            if (_reads.Count >= WaitingMax) return false;
            if (!wasDone) PartWasDone(_next);
            else if (!IsForeign) Reread(_next);
        }
        return false;
    }

    private RunPartWork RunPart(int part) => new(this, part, Attempt(part)) { IsAnnounced = _announced.Remove(part) };

    private int Attempt(int step) => _failures.GetValueOrDefault(step) + 1;

    private static bool Once(ref bool done) => !done && (done = true);
}
