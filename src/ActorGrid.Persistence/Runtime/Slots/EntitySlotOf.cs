using System.Buffers;
using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>An entity with its state: three versions of it, of which only the durable one is seen outside.</summary>
internal sealed class EntitySlot<TSelf, TState, TEvent>(EntityId id, EntityType<TSelf, TState, TEvent> type) : EntitySlot(id, type)
    where TSelf : Entity<TSelf, TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    private const int FailureLengthMax = 1024;

    private static readonly Action<string, IBufferWriter<byte>> EncodeReason =
        static (reason, output) => Encoding.UTF8.GetBytes(reason.AsSpan(0, Math.Min(reason.Length, FailureLengthMax)), output);

    private EntityVersion<TState> _durable = new(type.Entity.Initial, TimerSet.Empty, 0, 0);
    private EntityVersion<TState> _inFlight;
    private EntityVersion<TState> _tentative;
    private Epoch _durableEpoch;
    private long _snapshotSequence;
    private bool _hasFirstPage;
    private bool _isRead;
    private bool _keyIsAsked;
    private bool _isNews;
    private bool _hasEventsBelow;

    /// <summary>The recovery from the beginning, if this one did not go straight on.</summary>
    private RepairedRecovery? _repaired;

    public override bool IsActive => Phase == SlotPhase.Ready ? _tentative.Timers.IsActive : IsWanted;

    public override bool MayBeActive => IsPinned || IsActive || _durable.Timers.IsActive || (_inFlight.Timers?.IsActive ?? false);

    public override bool WantsKey => type.IsEncrypted && Phase == SlotPhase.Recovering && Cipher is null && (_isRead || !_keyIsAsked);

    public override bool WantsNewKey => _isRead;

    public override long RecoveredFrom => _hasEventsBelow ? _snapshotSequence : 0;

    public override long? ReadAfter => _repaired is { } repaired ? repaired.ReadAfter : _hasFirstPage ? _durable.Sequence : null;

    public override void TakeKey(EntityKey key)
    {
        _keyIsAsked = true;
        if (key == EntityKey.Forgotten) Forget();
        else if (key.IsKey) Cipher = new EntityCipher(Id, key);
        if (_isRead && Cipher is not null && Phase == SlotPhase.Recovering) Complete();
    }

    public override void Forget()
    {
        Phase = SlotPhase.Forgotten;
        if (LastAppend is null) Erase();
    }

    public override void Recover(EntityPage page)
    {
        if (_repaired is not null)
        {
            RecoverRepaired(_repaired, page);
            return;
        }
        if (ReadAfter < page.RemovedTo)
        {
            // A snapshot that was on its way has come, and events that were to be read are gone below it. It is there now.
            _hasFirstPage = false;
            _durable = new EntityVersion<TState>(type.Entity.Initial, TimerSet.Empty, 0, 0);
            return;
        }
        long at = _durable.Sequence;
        bool isSnapshot = false;
        try
        {
            if (page.Snapshot is { } snapshot)
            {
                (at, isSnapshot) = (snapshot.Sequence, true);
                var payload = type.Decrypt(snapshot, Cipher);
                var (state, timers) = SnapshotPayload.Decode(payload.Span, type.StateCodec);
                _durable = new EntityVersion<TState>(state, timers, snapshot.Sequence, snapshot.AtUnixMs);
                _durableEpoch = snapshot.Epoch;
                _snapshotSequence = snapshot.Sequence;
                _hasEventsBelow = page.RemovedTo < snapshot.Sequence - 1 && SaysAll(payload.Span);
            }
            _hasFirstPage = true;
            isSnapshot = false;
            for (int i = 0; i < page.Events.Count; i++)
            {
                var stored = page.Events[i];
                at = stored.Event.Sequence;
                Replay(stored);
            }
        }
        catch (Exception e)
        {
            _hasEventsBelow = false;
            // A repair that was met may be of an event that was taken; and one that failed may have its repair on a later page. If it has none, that is its fault.
            _repaired = new RepairedRecovery(new EntityFold<TSelf, TState, TEvent>(type, Cipher), e is RepairMetException ? null : new RecoveryFault(at, isSnapshot, e));
            return;
        }
        if (!page.HasMore) EndRead();
    }

    /// <summary>Whether the state that was read is all that its snapshot says: who wrote it may have known of more, and have compared nothing. Only then it may be relied on in the place of events.</summary>
    private bool SaysAll(ReadOnlySpan<byte> stored)
    {
        if (type.Options.RemoveEventsAfter is null) return false;
        try
        {
            return SnapshotPayload.Encode(_durable.State, _durable.Timers, type.StateCodec).Span.SequenceEqual(stored);
        }
        catch (Exception)
        {
            // Whatever the codec of the state throws; nothing is lost by not relying on it.
            return false;
        }
    }

    private void RecoverRepaired(RepairedRecovery repaired, EntityPage page)
    {
        repaired.Take(page);
        if (!repaired.IsDone) return;
        _repaired = null;
        if (repaired.Fault is { } fault)
        {
            // Whatever a codec or Apply throws, the entity cannot be trusted, and nobody else is affected.
            Phase = SlotPhase.Quarantined;
            Quarantine = new QuarantinedException(Id, fault.Sequence, fault.Cause);
            return;
        }
        _durable = ((EntityFold<TSelf, TState, TEvent>)repaired.Fold).Version;
        _durableEpoch = repaired.LastEpoch;
        // The next commit brings a snapshot, if there are events enough: with it nobody has to look for the repairs again.
        _snapshotSequence = Math.Max(0, _durable.Sequence - Type.Options.SnapshotEvery);
        EndRead();
    }

    public override void Recover(HandedEntity state)
    {
        var record = state.State;
        var (value, timers) = SnapshotPayload.Decode(type.Decrypt(record, Cipher).Span, type.StateCodec);
        _durable = new EntityVersion<TState>(value, timers, record.Sequence, record.AtUnixMs);
        _durableEpoch = record.Epoch;
        _snapshotSequence = state.SnapshotSequence;
        _hasFirstPage = true;
        EndRead();
    }

    public override StateToHand? Export()
    {
        if (LastAppend is not null || Phase != SlotPhase.Ready) throw new InvalidOperationException($"{Id} has a state that is not durable, or none.");
        return _durable.Sequence == 0 ? null : new StateToHand(new Work(Id, _durable, _durableEpoch, type, Cipher), _snapshotSequence);
    }

    public override Decided Decide(IEntityCall call, CommandContext at, PendingAppend append)
    {
        var mark = append.MarkRows();
        try
        {
            var decider = new Decider<TState, TEvent>(type, call, at, _tentative, append, Cipher);
            if (call is TimerFiring firing)
            {
                firing.Read(Cipher);
                decider.EndTimer(firing.Timer);
            }
            type.FindHandler(call.Command.GetType())!.Run(decider, call, at);
            _tentative = decider.Version;
            return new Decided(decider.HasRows, decider.Recorded);
        }
        catch
        {
            append.BackTo(mark);
            throw;
        }
    }

    public override ReplyRecord RecordFailure(IEntityCall call, CommandFailedException failure, PendingAppend append)
    {
        string reason = failure.InnerException!.Message;
        var reply = RecordedReply.Write(
            append, call, ReplyKind.Failed, type.FindHandler(call.Command.GetType())!.ReplyPrefix, reason, EncodeReason, Cipher);
        call.HoldFailure(failure);
        return reply.Record;
    }

    public override ReplyRecord RecordRejection(IEntityCall call, string reason, PendingAppend append)
    {
        var reply = RecordedReply.Write(append, call, ReplyKind.Rejected, type.FindHandler(call.Command.GetType())!.ReplyPrefix, reason, EncodeReason, Cipher);
        call.HoldRejection(reason);
        return reply.Record;
    }

    public override void BeginRepair() => Phase = Phase == SlotPhase.Quarantined ? SlotPhase.Repairing : throw new InvalidOperationException($"{Id} is {Phase}, and cannot be repaired.");

    public override void EndRepair() => Phase = SlotPhase.Quarantined;

    public override ReplyRecord Repair(IEntityCall call, Repair repair, long last, long nowMs, PendingAppend append)
    {
        var mark = append.MarkRows();
        try
        {
            if (type.IsEncrypted && Cipher is null) throw new InvalidOperationException($"A repair of {Id} would be stored in clear.");
            append.Add(RepairEvents.Stored(Id, repair, last + 1, nowMs, Cipher));
            var receipt = new RepairReceipt(Id, last + 1, DateTimeOffset.FromUnixTimeMilliseconds(nowMs));
            return ((IRepairReplies)type.FindHandler(call.Command.GetType())!).Record(call, receipt, append, Cipher);
        }
        catch
        {
            append.BackTo(mark);
            throw;
        }
    }

    public override void HoldRecorded(IEntityCall call, ReplyRecord reply)
    {
        var handler = type.FindHandler(call.Command.GetType())!;
        var whole = Decrypt(reply);
        var payload = whole.Span;
        if (!payload.StartsWith(handler.ReplyPrefix))
        {
            int end = Math.Max(0, payload.IndexOf((byte)'\n'));
            throw new InvalidCommandIdException(
                Id,
                $"The id {call.Id} belongs to the command '{Encoding.UTF8.GetString(payload[..end])}' of {Id}, not to '{handler.Name}': "
                + "issue an id for each command.");
        }
        var rest = whole[handler.ReplyPrefix.Length..];
        if (reply.Kind == ReplyKind.Rejected) call.HoldRejection(Encoding.UTF8.GetString(rest.Span));
        else if (reply.Kind == ReplyKind.Failed) call.HoldFailure(new CommandFailedException(Id, call.Command.GetType().Name, new RemoteFaultException(Encoding.UTF8.GetString(rest.Span))));
        else handler.HoldRecorded(call, rest);
    }

    public override bool HasTimer(TimerRecord timer) => _tentative.Timers.Find(timer.Name)?.SetSequence == timer.SetSequence;

    // Of one that was never ready, none.
    public override void Seal() => _inFlight = _tentative;

    public override SnapshotWork? Commit(Epoch epoch)
    {
        if (_inFlight.Timers is null)
        {
            // A repair, or its refusal: there is no state. It may have been forgotten meanwhile.
            if (Phase == SlotPhase.Forgotten && LastAppend is null) Erase();
            return null;
        }
        // A commit may touch an entity without an event: a rejection, an attachment.
        if (_inFlight.Sequence > _durable.Sequence)
        {
            _durableEpoch = epoch;
            _isNews = true;
        }
        _durable = _inFlight;
        _inFlight = default;
        if (Phase == SlotPhase.Forgotten)
        {
            if (LastAppend is null) Erase();
            return null;
        }
        if (_durable.Sequence - _snapshotSequence < Type.Options.SnapshotEvery) return null;
        _snapshotSequence = _durable.Sequence;
        return new Work(Id, _durable, _durableEpoch, type, Cipher);
    }

    public override void RollBack()
    {
        LastAppend = null;
        if (_tentative.Timers is not null) _tentative = _durable;
        _inFlight = default;
        if (Phase == SlotPhase.Forgotten) Erase();
    }

    public override void NotifyDurable()
    {
        if (!_isNews || Phase != SlotPhase.Ready) return;
        _isNews = false;
        type.OnDurable?.Invoke(Id, _durable.State);
    }

    private void Replay(StoredEvent stored)
    {
        _durable = type.After(_durable, stored.Event, Cipher);
        _durableEpoch = stored.Epoch;
    }

    /// <summary>All of its history is taken in; what it stores next may want a key that it does not have yet.</summary>
    private void EndRead()
    {
        _isRead = true;
        if (!type.IsEncrypted || Cipher is not null) Complete();
    }

    private void Complete()
    {
        _tentative = _durable;
        _isNews = true;
        Phase = SlotPhase.Ready;
    }

    private void Erase()
    {
        _durable = _tentative = new EntityVersion<TState>(type.Entity.Initial, TimerSet.Empty, 0, 0);
        _inFlight = default;
        Cipher = null;
    }

    private ReadOnlyMemory<byte> Decrypt(ReplyRecord reply)
    {
        try
        {
            return type.Decrypt(reply.Payload, PayloadPlace.Reply(reply.Command, reply.Kind), Cipher);
        }
        catch (CodecException e)
        {
            throw new OutcomeUnknownException(Id, reply.Command, e);
        }
    }

    private sealed class Work(EntityId id, EntityVersion<TState> version, Epoch epoch, EntityType<TSelf, TState, TEvent> type, EntityCipher? cipher)
        : SnapshotWork(id)
    {
        public override SnapshotRecord Encode()
        {
            var payload = SnapshotPayload.Encode(version.State, version.Timers, type.StateCodec);
            if (cipher is not null)
            {
                var output = new ArrayBufferWriter<byte>(payload.Length + EncryptedPayload.OverheadBytes);
                cipher.Encrypt(payload.Span, PayloadPlace.Snapshot(version.Sequence, epoch, version.AtUnixMs), output);
                payload = output.WrittenMemory;
            }
            return new SnapshotRecord(Entity, version.Sequence, epoch, version.AtUnixMs, payload);
        }

        public override string? DifferenceFrom(SnapshotRecord encoded)
        {
            var payload = type.Decrypt(encoded, cipher);
            var (state, timers) = SnapshotPayload.Decode(payload.Span, type.StateCodec);
            if (SnapshotPayload.Encode(state, timers, type.StateCodec).Span.SequenceEqual(payload.Span)) return null;
            return StateComparison.Difference(version.State, state, type.StateCodec) ?? StateComparison.Difference(version.Timers, timers);
        }
    }
}
