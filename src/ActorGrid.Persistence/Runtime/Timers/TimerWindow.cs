namespace ActorGrid.Persistence;

/// <summary>
/// The earliest timers of a shard, in memory, in the order in which they come due. The index in the store may be longer: then the window
/// knows up to which place
/// it is complete, and asks for the next page when it has run empty.
/// </summary>
internal sealed class TimerWindow(int countMax)
{
    private readonly SortedSet<TimerRecord> _byDue = new(Comparer<TimerRecord>.Create(static (x, y) => x.Position.CompareTo(y.Position)));
    private readonly Dictionary<(EntityId Entity, string Name), TimerRecord> _byName = [];
    private readonly List<TimerChange> _changesWhileLoading = [];

    /// <summary>All timers up to this place are in the window; null: none is known to be.</summary>
    private TimerPosition? _completeThrough;

    /// <summary>Whether the window holds all timers of the shard.</summary>
    public bool IsComplete { get; private set; }

    public bool IsLoading { get; private set; }

    public int Count => _byDue.Count;

    /// <summary>Whether the next page is to be read now.</summary>
    public bool WantsPage => !IsComplete && !IsLoading && _byDue.Count == 0;

    /// <summary>When the next timer comes due, if one is known.</summary>
    public long? NextDueUnixMs => _byDue.Min?.DueUnixMs;

    /// <summary>Says that a page is being read.</summary>
    /// <returns>After which place to read.</returns>
    public TimerPosition? BeginPage()
    {
        IsLoading = true;
        return _completeThrough;
    }

    /// <summary>Takes a page in. Changes that were committed since it was asked for are made again: the page may be from before or after
    /// them.</summary>
    /// <param name="page">The page.</param>
    /// <param name="pageMax">How many timers a full page has.</param>
    public void EndPage(IReadOnlyList<TimerRecord> page, int pageMax)
    {
        IsLoading = false;
        IsComplete = page.Count < pageMax;
        if (page.Count > 0) _completeThrough = page[^1].Position;
        foreach (var timer in page) Insert(timer);
        foreach (var change in _changesWhileLoading) Make(change);
        _changesWhileLoading.Clear();
    }

    /// <summary>Says that a page could not be read.</summary>
    public void FailPage() => IsLoading = false;

    /// <summary>Takes in a change that is durable.</summary>
    public void Apply(TimerChange change)
    {
        if (IsLoading) _changesWhileLoading.Add(change);
        Make(change);
    }

    /// <summary>Takes out a timer that is due.</summary>
    public TimerRecord? TakeDue(long nowUnixMs)
    {
        if (_byDue.Min is not { } timer || timer.DueUnixMs > nowUnixMs) return null;
        Remove(timer.Entity, timer.Name);
        return timer;
    }

    /// <summary>Forgets everything: the store is to be read again from the beginning.</summary>
    public void Reset()
    {
        _byDue.Clear();
        _byName.Clear();
        _changesWhileLoading.Clear();
        _completeThrough = null;
        IsComplete = false;
        IsLoading = false;
    }

    private void Make(TimerChange change)
    {
        Remove(change.Entity, change.Name);
        if (change.Timer is { } timer) Insert(timer);
    }

    private void Insert(TimerRecord timer)
    {
        // A timer behind the window comes with its page. Entities that stay active are not timers that fire.
        bool covered = IsComplete || (_completeThrough is { } end && timer.Position.CompareTo(end) <= 0);
        if (!covered || timer.Name == ReminderName.Active) return;
        Remove(timer.Entity, timer.Name);
        _byDue.Add(timer);
        _byName.Add((timer.Entity, timer.Name), timer);
        if (_byDue.Count <= countMax) return;

        var last = _byDue.Max!;
        Remove(last.Entity, last.Name);
        IsComplete = false;
        _completeThrough = _byDue.Max!.Position;
    }

    private void Remove(EntityId entity, string name)
    {
        if (_byName.Remove((entity, name), out var timer)) _byDue.Remove(timer);
    }
}
