namespace ActorGrid.Persistence;

/// <summary>
/// Takes the whole history of one entity, from the first event on, and notes what goes wrong. At the snapshot the state is compared, and from there on it is the snapshot's, as it would
/// be in a recovery: so what fails above the snapshot quarantines, and what fails below it does not.
/// </summary>
internal sealed class EntityCheck(EntityId entity, EntityFold fold, SnapshotRecord? snapshot, PreflightTally tally)
{
    private bool _isQuarantined;

    // Whether the fold holds the state after the last event.
    private bool _isSound = true;
    private bool _hasMet = snapshot is null;

    /// <summary>The sequence number of the last event taken.</summary>
    public long Last { get; private set; }

    public void Take(JournalEvent e)
    {
        if (e.Sequence != Last + 1) Skip(e);
        // Events up to a snapshot may be gone altogether, then it stands before the first.
        if (snapshot?.Sequence < e.Sequence) Meet();
        Last = e.Sequence;
        tally.Count(e.Manifest);
        if (fold.TryTake(e, _isSound) is { } failure)
        {
            _isSound = false;
            Add(failure.IsRead ? PreflightFindingKind.UnappliableEvent : PreflightFindingKind.UnreadableEvent, e.Manifest, e.Sequence, failure.Cause.Message, IsRecovered(e.Sequence));
        }
        if (e.Sequence == snapshot?.Sequence) Meet();
    }

    /// <summary>There are no more events.</summary>
    public void End()
    {
        if (!_hasMet)
        {
            _isSound = false;
            if (Last > 0) Add(PreflightFindingKind.MissingEvent, null, snapshot!.Sequence, $"the snapshot rests on event {snapshot.Sequence}, and the last event is {Last}.", quarantines: false);
            Meet();
        }
        tally.Entities++;
        if (_isQuarantined) tally.Quarantined++;
    }

    private void Skip(JournalEvent e)
    {
        _isSound = false;
        bool isRecovered = snapshot is null || e.Sequence > snapshot.Sequence + 1;
        // Below a snapshot events may be deleted, from the first on; then its state is all there is to begin with.
        if (Last == 0 && !isRecovered) return;
        Add(PreflightFindingKind.MissingEvent, null, e.Sequence, $"event {e.Sequence} follows event {Last}.", isRecovered);
    }

    private void Meet()
    {
        if (_hasMet) return;
        _hasMet = true;
        try
        {
            if (_isSound)
            {
                if (fold.DifferenceFrom(snapshot!) is { } difference) Add(PreflightFindingKind.DifferentState, null, snapshot!.Sequence, difference, quarantines: false);
                tally.SnapshotsCompared++;
            }
            else
            {
                tally.SnapshotsNotCompared++;
            }
            fold.Restore(snapshot!);
            _isSound = true;
        }
        catch (Exception e)
        {
            // The state that the events add up to, if they do, is what the later ones are applied to, so that these are tried as well.
            if (_isSound) tally.SnapshotsNotCompared++;
            Add(PreflightFindingKind.UnreadableSnapshot, null, snapshot!.Sequence, e.Message, quarantines: true);
        }
    }

    /// <summary>Whether a recovery comes by this event.</summary>
    private bool IsRecovered(long sequence) => snapshot is null || sequence > snapshot.Sequence;

    private void Add(PreflightFindingKind kind, string? manifest, long sequence, string cause, bool quarantines)
    {
        _isQuarantined |= quarantines;
        tally.Add(kind, manifest, entity, sequence, cause, quarantines);
    }
}
