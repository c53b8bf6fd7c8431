namespace ActorGrid.Persistence;

/// <summary>What goes with the events of a decision, as a list linked from the last to the first: most decisions have none or
/// one.</summary>
internal abstract class SideEffect(SideEffect? previous)
{
    private readonly SideEffect? _previous = previous;

    /// <summary>The effects in the order in which the handler named them.</summary>
    public static IReadOnlyList<SideEffect> InOrder(SideEffect? last)
    {
        if (last is null) return [];
        var all = new List<SideEffect>();
        for (var effect = last; effect is not null; effect = effect._previous) all.Add(effect);
        all.Reverse();
        return all;
    }
}

/// <summary>Set a reminder; due after the delay, or at the due time if that is given.</summary>
internal sealed class RemindEffect(SideEffect? previous, string name, TimeSpan delay, DateTimeOffset? due, object command) : SideEffect(previous)
{
    public string Name { get; } = name;

    public object Command { get; } = command;

    public DateTimeOffset DueAt(DateTimeOffset now) => due ?? now + delay;
}

internal sealed class CancelReminderEffect(SideEffect? previous, string name) : SideEffect(previous)
{
    public string Name { get; } = name;
}

/// <summary>Set an attachment, or remove it if the payload is null.</summary>
internal sealed class AttachEffect(SideEffect? previous, string name, ReadOnlyMemory<byte>? payload) : SideEffect(previous)
{
    public string Name { get; } = name;

    public ReadOnlyMemory<byte>? Payload { get; } = payload;
}

internal sealed class ActivityEffect(SideEffect? previous, bool active) : SideEffect(previous)
{
    public bool Active { get; } = active;
}
