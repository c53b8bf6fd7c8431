namespace ActorGrid.Persistence;

/// <summary>
/// What an entity decides on a command, spelled out for tests: <see cref="Entity{TSelf, TState, TEvent}.Decide{TReply}"/> needs no grid, no
/// store and no clock.
/// </summary>
/// <typeparam name="TState">The state of the entity.</typeparam>
/// <typeparam name="TEvent">The events of the entity.</typeparam>
/// <typeparam name="TReply">The reply of the command.</typeparam>
/// <param name="Rejection">The reason, if the command was rejected; else null.</param>
/// <param name="Reply">The reply, unless the command was rejected.</param>
/// <param name="Events">The events that would be persisted.</param>
/// <param name="State">The state after those events.</param>
/// <param name="Reminders">The reminders that would be set.</param>
/// <param name="CancelledReminders">The names of the reminders that would be cancelled.</param>
/// <param name="Attachments">The attachments that would be set, or removed where the payload is null.</param>
/// <param name="StaysActive">Whether the entity would become active or come to rest; null if that does not change.</param>
public sealed record Decision<TState, TEvent, TReply>(
    string? Rejection,
    TReply? Reply,
    IReadOnlyList<TEvent> Events,
    TState State,
    IReadOnlyList<Reminder> Reminders,
    IReadOnlyList<string> CancelledReminders,
    IReadOnlyList<(string Name, ReadOnlyMemory<byte>? Payload)> Attachments,
    bool? StaysActive);

/// <summary>A reminder that a decision would set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Due">When it comes due.</param>
/// <param name="Command">The command that the entity gets then.</param>
public sealed record Reminder(string Name, DateTimeOffset Due, object Command);
