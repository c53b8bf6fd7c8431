using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// An explicit act that lets a quarantined entity go on: what is to count in the place of the events at fault, who decided that, and why. It is appended to the entity's own history, so the
/// rows at fault stay as they are, and whoever reads the history finds the act.
/// </summary>
/// <remarks>Immutable: each method gives another act with a step more. When it was is the time of its event.</remarks>
public sealed record Repair
{
    /// <summary>The most steps of one act.</summary>
    public const int StepsMax = 1000;

    private const int ByLengthMax = 200, WhyLengthMax = 2000;

    /// <summary>An act without steps.</summary>
    /// <param name="by">Who decided it: 1 to 200 characters.</param>
    /// <param name="why">Why: 1 to 2,000 characters.</param>
    /// <exception cref="ArgumentException">One of them is empty or too long.</exception>
    public Repair(string by, string why)
    {
        By = Check(by, ByLengthMax, nameof(by), "who decides it");
        Why = Check(why, WhyLengthMax, nameof(why), "why");
    }

    private Repair(Repair other, RepairStep step)
    {
        By = other.By;
        Why = other.Why;
        if (other.Steps.Count >= StepsMax) throw new ArgumentException($"A repair has at most {StepsMax} steps: begin another.", nameof(step));
        if (other.Steps.Any(s => s.Sequence == step.Sequence && s.Kind == RepairKind.IgnoreSnapshot == (step.Kind == RepairKind.IgnoreSnapshot)))
        {
            throw new ArgumentException(FormattableString.Invariant($"The repair has two steps for event {step.Sequence}: keep one."), nameof(step));
        }
        Steps = [.. other.Steps, step];
    }

    /// <summary>Who decided it.</summary>
    public string By { get; }

    /// <summary>Why.</summary>
    public string Why { get; }

    /// <summary>What it does, in the order in which it was said.</summary>
    public IReadOnlyList<RepairStep> Steps { get; } = [];

    /// <summary>Adds: the event of that number counts for nothing.</summary>
    /// <param name="sequence">The sequence number, from 1.</param>
    /// <exception cref="ArgumentException">The number is out of range, the act says something of that event already, or it has <see cref="StepsMax"/> steps.</exception>
    public Repair Skip(long sequence) => With(sequence, RepairKind.Skip, name: null, default);

    /// <summary>Adds: another event counts in the place of the one of that number, decided at the same time.</summary>
    /// <param name="sequence">The sequence number, from 1.</param>
    /// <param name="name">The stored name of the other event, with its version: 1 to 200 characters. Names that begin with <c>$</c> belong to ActorGrid.</param>
    /// <param name="payload">Its bytes, as the codec of that event reads them.</param>
    /// <exception cref="ArgumentException">A value is out of range, the act says something of that event already, or it has <see cref="StepsMax"/> steps.</exception>
    public Repair Replace(long sequence, string name, ReadOnlyMemory<byte> payload)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name[0] == '$') throw new ArgumentException($"The name '{name}' begins with '$', which is reserved: an event of the entity's own is to take the place.", nameof(name));
        if (name.Length > MessageCodec.ManifestLengthMax) throw new ArgumentException($"The name of an event has at most {MessageCodec.ManifestLengthMax} characters; this one has {name.Length}.", nameof(name));
        if (payload.Length > JournalLimits.PayloadBytesMax / 2) throw new ArgumentException($"The payload has {payload.Length} bytes; at most {JournalLimits.PayloadBytesMax / 2} fit into a repair.", nameof(payload));
        return With(sequence, RepairKind.Replace, name, payload);
    }

    /// <summary>As the other, for an event that is stored as JSON.</summary>
    /// <param name="sequence">The sequence number, from 1.</param>
    /// <param name="name">The stored name of the other event, with its version.</param>
    /// <param name="json">Its JSON.</param>
    /// <exception cref="ArgumentException">A value is out of range, the act says something of that event already, or it has <see cref="StepsMax"/> steps.</exception>
    public Repair Replace(long sequence, string name, string json)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(json);
        return Replace(sequence, name, Encoding.UTF8.GetBytes(json));
    }

    /// <summary>Adds: the snapshot that rests on the event of that number is not used; the entity recovers from its first event. A later snapshot takes the place of that one.</summary>
    /// <param name="sequence">The sequence number, from 1.</param>
    /// <exception cref="ArgumentException">The number is out of range, the act says so already, or it has <see cref="StepsMax"/> steps.</exception>
    public Repair IgnoreSnapshot(long sequence) => With(sequence, RepairKind.IgnoreSnapshot, name: null, default);

    /// <summary>An act that does nothing is a slip of who wrote it.</summary>
    internal static Repair CheckSteps(Repair repair)
    {
        ArgumentNullException.ThrowIfNull(repair);
        return repair.Steps.Count > 0
            ? repair
            : throw new ArgumentException($"The repair has no steps: add {nameof(Skip)}, {nameof(Replace)} or {nameof(IgnoreSnapshot)}.", nameof(repair));
    }

    private Repair With(long sequence, RepairKind kind, string? name, ReadOnlyMemory<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return new Repair(this, new RepairStep(sequence, kind, name, payload));
    }

    private static string Check(string text, int lengthMax, string name, string what)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new ArgumentException($"A repair says {what}: '{name}' is empty.", name);
        return text.Length <= lengthMax ? text : throw new ArgumentException($"'{name}' has {text.Length} characters; at most {lengthMax} are allowed.", name);
    }
}

/// <summary>A step of a repair.</summary>
/// <param name="Sequence">The sequence number of the event that it is about.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Name">The stored name of the event that counts instead; null unless it replaces.</param>
/// <param name="Payload">The bytes of that event; empty unless it replaces.</param>
public sealed record RepairStep(long Sequence, RepairKind Kind, string? Name, ReadOnlyMemory<byte> Payload);

/// <summary>What a step of a repair does.</summary>
public enum RepairKind
{
    /// <summary>The event counts for nothing.</summary>
    Skip,

    /// <summary>Another event counts in its place.</summary>
    Replace,

    /// <summary>The snapshot that rests on the event is not used.</summary>
    IgnoreSnapshot,
}

/// <summary>Says that a repair is durable.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Sequence">The sequence number of the event that records it.</param>
/// <param name="At">When that was decided.</param>
public sealed record RepairReceipt(EntityId Entity, long Sequence, DateTimeOffset At);

/// <summary>Asks a quarantined entity to recover with a repair. Every entity type handles it; nothing has to be registered.</summary>
/// <remarks>The entity refuses it (<see cref="CommandRejectedException"/>) if it is not quarantined, or would still not recover; the reason names the next event at fault.</remarks>
/// <param name="Repair">The repair, with one step at least.</param>
/// <typeparam name="TEntity">The entity class.</typeparam>
/// <exception cref="ArgumentException">The repair has no steps.</exception>
public sealed record RepairEntity<TEntity>(Repair Repair) : ICommand<TEntity, RepairReceipt>, IRepairCommand
    where TEntity : Entity
{
    /// <summary>The repair.</summary>
    public Repair Repair { get; } = Persistence.Repair.CheckSteps(Repair);
}

/// <summary>A command that is for the shard, since a quarantined entity decides nothing.</summary>
internal interface IRepairCommand
{
    Repair Repair { get; }
}
