namespace ActorGrid.Persistence;

/// <summary>
/// The recovery of an entity that did not recover straight on, since an event failed or a repair was met: looks through all of its events for repairs first, and folds them then. It asks for one page
/// after the other and keeps none of them.
/// </summary>
/// <remarks>That costs a second reading, and is so rare that a plain recovery pays nothing for it. A repair may lie in any later page, and be about any earlier event.</remarks>
/// <param name="fold">Where the state is worked out.</param>
/// <param name="met">Why it did not recover straight on, if it is known that it does not without a repair; null: that is to be found out.</param>
/// <param name="proposed">A repair that is to be tried beside those recorded.</param>
/// <param name="sequenceMax">Events beyond are looked through, and not folded.</param>
internal sealed class RepairedRecovery(EntityFold fold, RecoveryFault? met = null, Repair? proposed = null, long sequenceMax = long.MaxValue)
{
    private RecoveryFault? _met = met;
    private Stage _stage;

    /// <summary>After which event the next page is to begin; null: with the snapshot.</summary>
    public long? ReadAfter { get; private set; }

    public bool IsDone { get; private set; }

    /// <summary>Why the entity does not recover; null if it does.</summary>
    public RecoveryFault? Fault { get; private set; }

    public EntityFold Fold => fold;

    public RepairBook Book { get; private set; } = new();

    public SnapshotRecord? Snapshot { get; private set; }

    /// <summary>The number of the event that the fold begins after: 0, or that of the snapshot.</summary>
    public long Base { get; private set; }

    /// <summary>The number of the last event that was removed below the snapshot.</summary>
    public long RemovedTo { get; private set; }

    /// <summary>The number of the last event.</summary>
    public long Last { get; private set; }

    /// <summary>The epoch of the last event that was folded, or of the snapshot.</summary>
    public Epoch LastEpoch { get; private set; }

    /// <summary>Takes the page that was asked for.</summary>
    public void Take(EntityPage page)
    {
        if (ReadAfter < page.RemovedTo)
        {
            OnRemoved(page);
            return;
        }
        if (ReadAfter is null && page.RemovedTo > (page.Snapshot?.Sequence ?? 0))
        {
            End(new RecoveryFault(page.RemovedTo, IsSnapshot: false, new StoreException("It was removed, and so were those before it, but no snapshot stands above them. Restore a backup.", isTransient: false)));
            return;
        }
        switch (_stage)
        {
            case Stage.Looking:
                if (ReadAfter is null)
                {
                    (Snapshot, RemovedTo) = (page.Snapshot, page.RemovedTo);
                    Last = Snapshot?.Sequence ?? 0;
                }
                foreach (var stored in page.Events) Look(stored.Event);
                ReadAfter = Last;
                if (!page.HasMore) EndLooking();
                break;
            case Stage.LookingBelow:
                foreach (var stored in page.Events) LookBelow(stored.Event);
                if (ReadAfter >= Snapshot!.Sequence || !page.HasMore) BeginFold();
                break;
            default:
                TakeEvents(page);
                break;
        }
    }

    private void Look(JournalEvent e)
    {
        Book.Take(e, fold);
        Last = e.Sequence;
    }

    private void LookBelow(JournalEvent e)
    {
        if (e.Sequence > Snapshot!.Sequence) return;
        Book.Take(e, fold);
        ReadAfter = e.Sequence;
    }

    private void EndLooking()
    {
        if (proposed is not null) Book.Propose(proposed);
        if (_met is { } met && Book.IsEmpty)
        {
            End(met);
            return;
        }
        if (Snapshot is { } snapshot && (snapshot.Sequence > sequenceMax || Book.Ignores(snapshot)))
        {
            if (RemovedTo > 0)
            {
                End(Gone(snapshot));
                return;
            }
            _stage = Stage.LookingBelow;
            ReadAfter = 0;
            return;
        }
        Base = Snapshot?.Sequence ?? 0;
        BeginFold();
    }

    /// <summary>Events were removed that it was about to read: a newer snapshot stands above them, and it begins anew from that; unless it is to do without any.</summary>
    private void OnRemoved(EntityPage page)
    {
        RemovedTo = page.RemovedTo;
        if (Base == 0 && _stage != Stage.Looking && Snapshot is { } snapshot)
        {
            End(Gone(snapshot));
            return;
        }
        (_met, _stage, ReadAfter, Base, Book) = (null, Stage.Looking, null, 0, new RepairBook());
    }

    private RecoveryFault Gone(SnapshotRecord snapshot) => new(RemovedTo, IsSnapshot: false, new EventsRemovedException(snapshot.Entity, RemovedTo, snapshot.Sequence));

    private void BeginFold()
    {
        _stage = Stage.Folding;
        fold.Reset();
        if (Base > 0)
        {
            try
            {
                fold.Restore(Snapshot!);
                LastEpoch = Snapshot!.Epoch;
            }
            catch (Exception e)
            {
                // Whatever the codec of the state throws.
                End(new RecoveryFault(Base, IsSnapshot: true, e));
                return;
            }
        }
        ReadAfter = fold.Sequence;
        if (fold.Sequence >= Math.Min(Last, sequenceMax)) End(fault: null);
    }

    private void TakeEvents(EntityPage page)
    {
        foreach (var stored in page.Events)
        {
            if (fold.Sequence >= sequenceMax) break;
            try
            {
                fold.Take(stored.Event, Book);
                LastEpoch = stored.Epoch;
            }
            catch (Exception e)
            {
                // Whatever a codec or Apply throws.
                End(new RecoveryFault(stored.Event.Sequence, IsSnapshot: false, e));
                return;
            }
        }
        ReadAfter = fold.Sequence;
        if (!page.HasMore || fold.Sequence >= sequenceMax) End(fault: null);
    }

    private void End(RecoveryFault? fault)
    {
        Fault = fault;
        IsDone = true;
    }

    private enum Stage
    {
        Looking,
        LookingBelow,
        Folding,
    }
}

/// <summary>Why an entity does not recover.</summary>
/// <param name="Sequence">The number of the event at fault, or of the one that the snapshot at fault rests on.</param>
/// <param name="IsSnapshot">Whether it is the snapshot.</param>
/// <param name="Cause">What was thrown.</param>
internal sealed record RecoveryFault(long Sequence, bool IsSnapshot, Exception Cause);
