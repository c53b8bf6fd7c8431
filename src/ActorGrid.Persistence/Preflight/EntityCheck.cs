namespace ActorGrid.Persistence;

/// <summary>
/// Takes the whole history of one entity, from the first event on, and notes what goes wrong. At the snapshot the state is compared, and from there on it is the snapshot's, as it would
/// be in a recovery: so what fails above the snapshot quarantines, and what fails below it does not.
/// </summary>
/// <param name="entity">The entity.</param>
/// <param name="fold">Where its states are worked out.</param>
/// <param name="snapshot">Its snapshot, if it has one.</param>
/// <param name="removedTo">The number of the last event that was removed below the snapshot; 0: none was. What is left below it can be read, and adds up to nothing.</param>
/// <param name="repairs">The repairs that its history holds; null: that is not known, and is to be found out if it matters (<see cref="NeedsRepairs"/>).</param>
/// <param name="countedTo">Events up to this number are in the tally already.</param>
/// <param name="tally">Where things are counted.</param>
internal sealed class EntityCheck(EntityId entity, EntityFold fold, SnapshotRecord? snapshot, long removedTo, RepairBook? repairs, long countedTo, PreflightTally tally)
{
    // Until it is met, which is when recovery begins. It may be large, so it is not kept for longer. One that a repair ignores is none.
    private SnapshotRecord? _snapshot = snapshot is { } stored && repairs?.Ignores(stored) == true ? null : snapshot;
    private readonly bool _isSnapshotIgnored = snapshot is { } one && repairs?.Ignores(one) == true;
    private bool _isQuarantined;

    // Whether the fold holds the state after the last event.
    private bool _isSound = removedTo == 0;
    private long _removedTo = removedTo;

    public EntityId Entity => entity;

    /// <summary>The sequence number of the last event taken.</summary>
    public long Last { get; private set; } = removedTo;

    /// <summary>Whether there may be more to take.</summary>
    public bool HasMore { get; private set; } = true;

    /// <summary>Whether something was met that repairs may say something of, and they are not known: this check is to be left, and another made with them, from the beginning.</summary>
    public bool NeedsRepairs { get; private set; }

    /// <summary>Whether events were removed meanwhile that it had not taken: a newer snapshot stands above them, and another check is to be made, from the beginning.</summary>
    public bool IsOutdated { get; private set; }

    /// <summary>How many events there are up to the snapshot. A read that ends there keeps damage above it apart from damage below it.</summary>
    public long EventsToSnapshot => _snapshot is null ? long.MaxValue : _snapshot.Sequence - Last;

    /// <summary>Takes the events that follow the last one.</summary>
    public void Take(EntityPage page)
    {
        if (page.RemovedTo > Last && page.RemovedTo >= (_snapshot?.Sequence ?? 0))
        {
            (IsOutdated, HasMore) = (true, false);
            return;
        }
        if (page.RemovedTo > Last) (Last, _removedTo, _isSound) = (page.RemovedTo, page.RemovedTo, false);
        for (int i = 0; i < page.Events.Count && !NeedsRepairs; i++) Take(page.Events[i].Event);
        HasMore = page.HasMore && !NeedsRepairs;
    }

    /// <summary>The store cannot give what follows the last event. It goes on from the snapshot if that is still to come, as a recovery would; else this is the end.</summary>
    public void Miss(string cause)
    {
        if (LeavesForRepairs()) return;
        bool isRecovered = _snapshot is null;
        Add(PreflightFindingKind.BrokenHistory, null, Last + 1, cause, isRecovered);
        _isSound = false;
        HasMore = !isRecovered;
        if (_snapshot is { } rest) Meet(rest);
    }

    /// <summary>There are no more events.</summary>
    public void End()
    {
        if (IsOutdated) return;
        if (_isSnapshotIgnored && _removedTo > 0)
        {
            Add(PreflightFindingKind.BrokenHistory, null, 1, $"a repair ignores the snapshot, and the events up to {_removedTo} were removed.", quarantines: true);
        }
        if (_snapshot is { } ahead && !LeavesForRepairs())
        {
            _isSound = false;
            Add(PreflightFindingKind.BrokenHistory, null, Last + 1, $"the snapshot rests on event {ahead.Sequence}, and the last event is {Last}.", quarantines: false);
            Meet(ahead);
        }
        if (NeedsRepairs) return;
        if (_isSnapshotIgnored) tally.SnapshotsNotCompared++;
        tally.Entities++;
        if (_removedTo > 0) tally.Shortened++;
        if (_isQuarantined) tally.Quarantined++;
    }

    private void Take(JournalEvent e)
    {
        Last = e.Sequence;
        if (e.Sequence > countedTo) tally.Count(e.Manifest);
        if (RepairEvents.Is(e) && LeavesForRepairs()) return;
        if (fold.TryTake(e, _isSound, repairs ?? RepairBook.Empty) is { } failure)
        {
            if (LeavesForRepairs()) return;
            _isSound = false;
            var kind = failure.IsRead ? PreflightFindingKind.UnappliableEvent : PreflightFindingKind.UnreadableEvent;
            Add(kind, e.Manifest, e.Sequence, failure.Cause.Message, quarantines: _snapshot is null);
        }
        if (_snapshot is { } met && met.Sequence == Last) Meet(met);
    }

    private void Meet(SnapshotRecord met)
    {
        _snapshot = null;
        Last = met.Sequence;
        try
        {
            if (_isSound)
            {
                if (fold.DifferenceFrom(met) is { } difference) Add(PreflightFindingKind.DifferentState, null, met.Sequence, difference, quarantines: false);
                tally.SnapshotsCompared++;
            }
            else
            {
                tally.SnapshotsNotCompared++;
            }
            fold.Restore(met);
            _isSound = true;
        }
        catch (Exception e)
        {
            if (LeavesForRepairs()) return;
            // The state that the events add up to, if they do, is what the later ones are applied to, so that these are tried as well.
            if (_isSound) tally.SnapshotsNotCompared++;
            Add(PreflightFindingKind.UnreadableSnapshot, null, met.Sequence, e.Message, quarantines: true);
        }
    }

    private bool LeavesForRepairs()
    {
        if (repairs is not null) return false;
        NeedsRepairs = true;
        HasMore = false;
        return true;
    }

    private void Add(PreflightFindingKind kind, string? manifest, long sequence, string cause, bool quarantines)
    {
        _isQuarantined |= quarantines;
        tally.Add(kind, manifest, entity, sequence, cause, quarantines);
    }
}
