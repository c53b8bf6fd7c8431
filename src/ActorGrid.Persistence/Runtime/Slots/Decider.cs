using System.Buffers;

namespace ActorGrid.Persistence;

/// <summary>One decision of an entity on its way into an append: works out the next version and writes the rows. Nothing of the entity
/// changes before it is complete.</summary>
internal sealed class Decider<TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    private readonly ITypeInside<TState, TEvent> _type;
    private readonly EntityId _entity;
    private readonly IEntityCall _call;
    private readonly CommandContext _at;
    private readonly long _atUnixMs;
    private readonly PendingAppend _append;
    private readonly EntityCipher? _cipher;
    private readonly int _rowsBefore;
    private EntityVersion<TState> _version;
    private byte[]? _recordedInClear;

    public Decider(
        ITypeInside<TState, TEvent> type, IEntityCall call, CommandContext at, EntityVersion<TState> version, PendingAppend append, EntityCipher? cipher)
    {
        _type = type;
        _entity = call.Entity;
        _call = call;
        _at = at;
        _atUnixMs = at.Now.ToUnixTimeMilliseconds();
        _version = version;
        _append = append;
        _cipher = cipher;
        _rowsBefore = append.Rows;
    }

    public TState State => _version.State;

    public EntityVersion<TState> Version => _version;

    /// <summary>Whether the decision has something to persist.</summary>
    public bool HasRows => _append.Rows > _rowsBefore;

    /// <summary>The reply that is recorded with the decision, if one is.</summary>
    public ReplyRecord? Recorded { get; private set; }

    /// <summary>The payload of <see cref="Recorded"/> in clear, for a call of another node; it stays as it is.</summary>
    public ReadOnlyMemory<byte>? RecordedInClear => _recordedInClear is { } clear ? clear : Recorded?.Payload;

    /// <summary>Ends the timer that fired, before anything else: the decision may set it anew.</summary>
    public void EndTimer(TimerRecord timer) => EndTimer(TimerEvents.Fired, timer.Name, timer.SetSequence);

    public void Persist(TEvent? single, IReadOnlyList<TEvent> several, SideEffect? last)
    {
        if (single is not null) Add(single);
        // Not foreach: it would box an enumerator for each write.
        for (int i = 0; i < several.Count; i++) Add(several[i]);
        if (last is null) return;
        foreach (var effect in SideEffect.InOrder(last)) Add(effect);
    }

    public void Record<T>(ReplyKind kind, BoundHandler<TState, TEvent> handler, T value, Action<T, IBufferWriter<byte>> encode)
    {
        var reply = RecordedReply.Write(_append, _call, kind, handler.ReplyPrefix, value, encode, _cipher);
        Recorded = reply.Record;
        // Where it lies now it is overwritten after the commit.
        if (_cipher is not null && _call is RemoteCall) _recordedInClear = reply.Clear.ToArray();
    }

    private void Add(TEvent e)
    {
        var codec = _type.EventOf(e);
        _version = _version with { State = _type.Apply(_version.State, e) };
        codec.Encode(e, _append.EventPayloads);
        AddRow(codec.Manifest);
    }

    private void AddRow(string manifest)
    {
        _version = _version with { Sequence = _version.Sequence + 1, AtUnixMs = _atUnixMs };
        var payload = _append.EventPayloads.Take();
        if (_cipher is not null) payload = Encrypt(payload, PayloadPlace.Event(_version.Sequence, manifest, _atUnixMs));
        else if (EncryptedPayload.IsEncrypted(payload.Span)) throw new InvalidOperationException($"The payload of '{manifest}' begins like an encrypted one, and would be taken for one: let its codec begin with another byte.");
        _append.Add(new JournalEvent(_entity, _version.Sequence, manifest, _atUnixMs, payload));
    }

    private ReadOnlyMemory<byte> Encrypt(ReadOnlyMemory<byte> clear, in PayloadPlace place)
    {
        _cipher!.Encrypt(clear.Span, place, _append.EventPayloads);
        return _append.EventPayloads.Take();
    }

    private void Add(SideEffect effect)
    {
        switch (effect)
        {
            case RemindEffect remind:
                var handler = _type.FindHandler(remind.Command.GetType())
                    ?? throw new InvalidOperationException($"The reminder '{remind.Name}' carries {remind.Command.GetType().Name}, which has no handler.");
                SetTimer(remind.Name, Math.Max(1, remind.DueAt(_at.Now).ToUnixTimeMilliseconds()), handler, remind.Command);
                break;
            case CancelReminderEffect cancel when _version.Timers.Find(cancel.Name) is { } timer:
                EndTimer(TimerEvents.Cancelled, timer.Name, timer.SetSequence);
                break;
            case ActivityEffect { Active: true } when !_version.Timers.IsActive:
                SetTimer(ReminderName.Active, 0, handler: null, command: null);
                break;
            case ActivityEffect { Active: false } when _version.Timers.Find(ReminderName.Active) is { } active:
                EndTimer(TimerEvents.Cancelled, active.Name, active.SetSequence);
                break;
            case AttachEffect attach:
                Attach(attach.Name, attach.Payload);
                break;
        }
    }

    private void Attach(string name, ReadOnlyMemory<byte>? payload)
    {
        if (_cipher is not null && payload is { } clear)
        {
            int bytesMax = JournalLimits.AttachmentBytesMax - EncryptedPayload.OverheadBytes;
            if (clear.Length > bytesMax) throw new InvalidOperationException($"The attachment '{name}' has {clear.Length} bytes; at most {bytesMax} are allowed where it is encrypted.");
            payload = Encrypt(clear, PayloadPlace.Attachment(name));
        }
        _append.Add(new AttachmentChange(_entity, name, payload));
    }

    private void SetTimer(string name, long dueUnixMs, BoundHandler<TState, TEvent>? handler, object? command)
    {
        if (command is IForgetEntity) throw new InvalidOperationException($"The reminder '{name}' carries the command to forget the entity, which is sent from outside.");
        handler?.EncodeCommand(command!, _append.EventPayloads);
        var payload = _append.EventPayloads.Take();
        TimerEvents.Encode(new TimerSetEvent(name, dueUnixMs, handler?.Name ?? "", payload.ToArray()), _append.EventPayloads);
        AddRow(TimerEvents.Set);
        _version = _version with { Timers = _version.Timers.With(new SetTimer(name, dueUnixMs, _version.Sequence)) };
        if (_cipher is not null && handler is not null) payload = Encrypt(payload, PayloadPlace.Timer(name, dueUnixMs, _version.Sequence, handler.Name));
        // The window keeps the record for long, so its payload must not lie in the arena, which is written anew after the commit.
        _append.Add(new TimerChange(_entity, name, new TimerRecord(_entity, name, dueUnixMs, _version.Sequence, handler?.Name ?? "", payload.ToArray())));
    }

    private void EndTimer(string manifest, string name, long setSequence)
    {
        TimerEvents.Encode(new TimerEndedEvent(name, setSequence), _append.EventPayloads);
        AddRow(manifest);
        _version = _version with { Timers = _version.Timers.Without(name) };
        _append.Add(new TimerChange(_entity, name, Timer: null));
    }
}

/// <summary>What a decision needs of its entity type.</summary>
internal interface ITypeInside<TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    TState Apply(TState state, TEvent e);

    EventCodec<TEvent> EventOf(TEvent e);

    BoundHandler<TState, TEvent>? FindHandler(Type commandType);
}
