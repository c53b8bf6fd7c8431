namespace ActorGrid.Persistence;

/// <summary>The repairs that the history of an entity holds, by what they are about. Of several for one event the one recorded last counts.</summary>
internal sealed class RepairBook
{
    /// <summary>That of an entity that was never repaired. Nothing is added to it.</summary>
    public static readonly RepairBook Empty = new();

    private readonly Dictionary<long, (long RecordedAt, RepairStep Step)> _events = [];
    private readonly HashSet<long> _snapshots = [];
    private readonly List<RecordedRepair> _recorded = [];

    public bool IsEmpty => _events.Count == 0 && _snapshots.Count == 0;

    /// <summary>The repairs as they were recorded, in the order of their taking.</summary>
    public IReadOnlyList<RecordedRepair> Recorded => _recorded;

    /// <summary>The repairs among these events.</summary>
    public static RepairBook Of(IReadOnlyList<StoredEvent> events, EntityFold fold)
    {
        RepairBook? book = null;
        for (int i = 0; i < events.Count; i++)
        {
            if (RepairEvents.Is(events[i].Event)) (book ??= new RepairBook()).Take(events[i].Event, fold);
        }
        return book ?? Empty;
    }

    /// <summary>Takes in what an event of the history says. One that cannot be read says nothing here: the fold meets it in its place, and fails there.</summary>
    /// <param name="e">The event, as it stands in the journal.</param>
    /// <param name="fold">Reads it; its state counts for nothing.</param>
    public void Take(JournalEvent e, EntityFold fold)
    {
        if (!RepairEvents.Is(e)) return;
        Repair repair;
        try
        {
            repair = fold.ReadRepair(e);
        }
        catch (Actors.CodecException)
        {
            return;
        }
        _recorded.Add(new RecordedRepair(e.Sequence, DateTimeOffset.FromUnixTimeMilliseconds(e.AtUnixMs), repair));
        Add(repair, e.Sequence);
    }

    /// <summary>Adds one that is to be tried, after all that are recorded.</summary>
    public void Propose(Repair repair) => Add(repair, long.MaxValue);

    /// <summary>What counts in the place of an event; null: itself.</summary>
    public RepairStep? Find(long sequence) => _events.TryGetValue(sequence, out var found) ? found.Step : null;

    public bool Ignores(SnapshotRecord snapshot) => _snapshots.Contains(snapshot.Sequence);

    private void Add(Repair repair, long recordedAt)
    {
        foreach (var step in repair.Steps)
        {
            // What is to come is nobody's to repair: it would be lost without a word.
            if (step.Sequence >= recordedAt) continue;
            if (step.Kind == RepairKind.IgnoreSnapshot) _snapshots.Add(step.Sequence);
            else if (!_events.TryGetValue(step.Sequence, out var other) || other.RecordedAt <= recordedAt) _events[step.Sequence] = (recordedAt, step);
        }
    }
}

/// <summary>A repair that the history of an entity holds.</summary>
/// <param name="Sequence">The sequence number of the event that records it.</param>
/// <param name="At">When it was decided, by the clock of the node that did.</param>
/// <param name="Repair">What it does, who decided it, and why.</param>
public sealed record RecordedRepair(long Sequence, DateTimeOffset At, Repair Repair);

/// <summary>A fold without a book has met a repair, which may be of an event that it has taken already: it is to begin anew, with the book.</summary>
internal sealed class RepairMetException() : InvalidOperationException("a repair is among the events, and they are not read with it.");
