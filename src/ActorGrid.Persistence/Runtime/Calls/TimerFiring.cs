using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>A timer that has come due, as a command to its entity. Nobody waits for its reply; the timer's end goes into the same commit as
/// its effect.</summary>
/// <param name="timer">The timer.</param>
/// <param name="type">The type of its entity.</param>
/// <param name="command">The command; null if it can be read only with the key of the entity.</param>
/// <param name="trace">Its spans; null if nobody wants them.</param>
internal sealed class TimerFiring(TimerRecord timer, EntityType type, object? command, CallTrace? trace) : IEntityCall
{
    public TimerRecord Timer => timer;

    public EntityId Entity => timer.Entity;

    public EntityType Type => type;

    public object Command { get; private set; } = command ?? EncryptedCommand.Instance;

    public CommandId Id { get; } = CommandId.Derive(timer.Entity, timer.SetSequence, 0, timer.DueUnixMs);

    /// <summary>It is new as long as its timer is set; that, and no record of replies, is what keeps it from taking effect twice.</summary>
    public IdNovelty Novelty { get; set; } = IdNovelty.JustIssued;

    public bool IsDone => false;

    public CallStage Stage
    {
        get;
        set
        {
            field = value;
            trace?.Enter(value);
        }
    }

    public CallTrace? Trace => trace;

    public bool IsFromMemory { get; set; }

    public bool MayRunTwice { get; set; }

    /// <summary>Why it did not take effect, if it did not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Reads the command, now that the key is there.</summary>
    /// <exception cref="CodecException">It cannot be read.</exception>
    public void Read(EntityCipher? cipher)
    {
        if (Command is not EncryptedCommand) return;
        var clear = type.Decrypt(timer.Payload, PayloadPlace.Timer(timer.Name, timer.DueUnixMs, timer.SetSequence, timer.Manifest), cipher);
        Command = type.DecodeCommand(timer.Manifest, clear.Span) ?? throw new CodecException($"No registered handler takes the command '{timer.Manifest}'.");
    }

    public void HoldRejection(string reason)
    {
    }

    public void HoldFailure(CommandFailedException failure) => throw new InvalidOperationException("The failure of a timer is not recorded: it fires again.");

    public void Release() => Failure = null;

    public void Fail(Exception reason) => Failure = reason;

    public void Drop()
    {
    }
}
