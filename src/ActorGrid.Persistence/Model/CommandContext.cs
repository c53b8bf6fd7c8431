namespace ActorGrid.Persistence;

/// <summary>The setting in which a command is decided: the only clock and the only source of uniqueness that a handler may use.</summary>
/// <param name="Entity">The entity that decides.</param>
/// <param name="Now">The time of the decision, in whole milliseconds, by the clock of the node; the events carry it too.</param>
/// <param name="Command">The id of the command, the same each time that it is sent again.</param>
public readonly record struct CommandContext(EntityId Entity, DateTimeOffset Now, CommandId Command);
