using System.CommandLine;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal</c>: all that concerns the journal of a grid.</summary>
internal static class JournalCommand
{
    /// <summary>The command with those below it.</summary>
    public static Command Create(TextWriter output, TextWriter error) => new("journal", "Looks into the journal of a grid, repairs what is quarantined, and carries all that is stored to another place.")
    {
        ListCommand.Create(output),
        ShowCommand.Create(output),
        ReplayCommand.Create(output),
        PreflightCommand.Create(output, error),
        RepairCommand.Create(output),
        ExportCommand.Create(output, error),
        ImportCommand.Create(output, error),
    };
}
