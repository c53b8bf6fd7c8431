namespace ActorGrid.Persistence;

/// <summary>
/// Repairs of quarantined entities. A repair is tried on the history first, then it is an append like any other: under the fence, with its reply. When that is durable the entity is
/// recovered anew, from the journal alone. The repair is there or it is not; nothing in memory counts.
/// </summary>
internal sealed partial class ShardActor
{
    /// <summary>Repairs that are tried, with the calls that ask for them. From its trial on until its append has ended, all other calls of the entity wait in its slot.</summary>
    private readonly Dictionary<EntitySlot, IEntityCall> _trials = [];

    /// <summary>Those of them that wait for the fence to be raised, since events of their entity may be removed yet; in order.</summary>
    private Queue<(EntitySlot Slot, Repair Repair)> _trialsWaiting = new();

    private void Refuse(IEntityCall call, EntitySlot slot)
    {
        if (call.Command is IRepairCommand command && call is not TimerFiring) Try(call, slot, command.Repair);
        else FailFromMemory(call, slot.Quarantine!);
    }

    private void Try(IEntityCall call, EntitySlot slot, Repair repair)
    {
        slot.BeginRepair();
        call.Stage = CallStage.Recovering;
        _trials.Add(slot, call);
        _trialsWaiting.Enqueue((slot, repair));
        StartTrials();
    }

    private void StartTrials()
    {
        if (_trialsWaiting.Count == 0) return;
        var waiting = _trialsWaiting;
        _trialsWaiting = new Queue<(EntitySlot Slot, Repair Repair)>();
        foreach (var trial in waiting)
        {
            // Given up meanwhile: its call comes again.
            if (!_trials.ContainsKey(trial.Slot)) continue;
            if (_isRaising || MayBeRemoved(trial.Slot.Id)) _trialsWaiting.Enqueue(trial);
            else StartTrial(trial.Slot, trial.Repair);
        }
        // With an append in flight, when that has ended: until then none follows it.
        if (_trialsWaiting.Count > 0 && !_isRaising && !_isInFlight) RaiseForRepair();
    }

    private void StartTrial(EntitySlot slot, Repair repair)
    {
        if (slot.Phase == SlotPhase.Ready || MayBeRemoved(slot.Id)) throw new InvalidOperationException($"A repair of {slot.Id} is tried while events of it are removed.");
        _underWay++;
        Context.PipeToSelf(
            RepairTrial.RunAsync(_node.Store.Journal, slot.Type, slot.Cipher, slot.Id, repair, _node.Options.RecoveryEventsMax, CancellationToken.None),
            outcome => new TrialEnded(slot, repair, outcome, null),
            e => new TrialEnded(slot, repair, null, e));
    }

    private void OnTrialEnded(TrialEnded ended)
    {
        _underWay--;
        if (_trials.Remove(ended.Slot, out var call)) EndTrial(ended, call);
    }

    private void EndTrial(TrialEnded ended, IEntityCall call)
    {
        _running = call;
        var slot = ended.Slot;
        if (slot.Phase == SlotPhase.Forgotten)
        {
            if (call.IsDone) Drop(call);
            else FailFromMemory(call, new EntityForgottenException(slot.Id));
            RunWaiting(slot);
            return;
        }
        if (ended.Outcome is { Refusal: null } passed && !call.IsDone)
        {
            // Nothing was written since it was tried: nobody else may, and here all calls of the entity wait.
            if (slot.Type.IsEncrypted && slot.Cipher is null) AskKeyOfRepair(ended, call);
            else Write(call, slot, ended.Repair, passed.Last);
            return;
        }
        slot.EndRepair();
        if (call.IsDone) Drop(call);
        else if (ended.Outcome is { Refusal: { } refusal }) Record(call, slot, slot.RecordRejection(call, refusal, _gathering));
        else FailFromMemory(call, ended.Error!);
        RunWaiting(slot);
    }

    /// <summary>All that the entity has was stored before its type was encrypted. The repair is the first that is not.</summary>
    private void AskKeyOfRepair(TrialEnded ended, IEntityCall call)
    {
        call.Stage = CallStage.AwaitingKey;
        _trials.Add(ended.Slot, call);
        _underWay++;
        _node.Keys!.Tell(new KeyLane.Request(ended.Slot.Id, ended.Slot.Type, creates: true, isAsked: true, Self, ended.Slot, forgetting: null) { Repair = ended });
    }

    private void OnKeyOfRepair(TrialEnded trial, EntityKey? key, Exception? error)
    {
        if (!_trials.Remove(trial.Slot, out var call)) return;
        if (key is not null && trial.Slot.Phase == SlotPhase.Repairing) trial.Slot.TakeKey(key);
        EndTrial(key is not null ? trial : trial with { Outcome = null, Error = new CommandFailedException(trial.Slot.Id, RepairEvents.Manifest, error!) }, call);
    }

    private void Write(IEntityCall call, EntitySlot slot, Repair repair, long last)
    {
        ReplyRecord reply;
        try
        {
            reply = slot.Repair(call, repair, last, NowMs, _gathering);
        }
        catch (Exception e)
        {
            slot.EndRepair();
            FailFromMemory(call, new CommandFailedException(slot.Id, RepairEvents.Manifest, e));
            RunWaiting(slot);
            return;
        }
        // A log is not encrypted.
        LogRepaired(slot.Id, repair.By, slot.Type.IsEncrypted ? "its history tells why" : repair.Why);
        Record(call, slot, reply);
    }

    /// <summary>The repair is durable.</summary>
    private void RecoverAnew(EntitySlot slot)
    {
        Remove(slot);
        var recovering = Admit(slot.Id, slot.Type, isWanted: true);
        while (slot.Waiting.TryDequeue(out var call)) recovering.Waiting.Enqueue(call);
    }

    /// <summary>What these appends had of repairs was not written.</summary>
    private List<EntitySlot> EndRepairs(IEnumerable<EntitySlot> touched)
    {
        List<EntitySlot> ended = [.. touched.Where(slot => slot.Phase == SlotPhase.Repairing && !_trials.ContainsKey(slot)).Distinct()];
        foreach (var slot in ended) slot.EndRepair();
        return ended;
    }

    /// <summary>Repairs that were not written are tried anew if their calls are still there; who waited for one that is not goes on.</summary>
    private void RunWaitingForRepairs(List<EntitySlot> slots)
    {
        foreach (var slot in slots)
        {
            if (slot.Phase == SlotPhase.Quarantined) RunWaiting(slot);
        }
    }
}

/// <summary>How the trial of a repair ended.</summary>
internal sealed record TrialEnded(EntitySlot Slot, Repair Repair, TrialOutcome? Outcome, Exception? Error) : IShardMessage;
