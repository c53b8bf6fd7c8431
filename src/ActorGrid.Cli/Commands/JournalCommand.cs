using System.CommandLine;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal</c>: all that concerns the journal of a grid.</summary>
internal static class JournalCommand
{
    /// <summary>The command with those below it.</summary>
    public static Command Create(TextWriter output, Func<Stream> bytes, TextWriter error) => new("journal", "Looks into the journal of a grid, repairs what is quarantined, and carries all that is stored to another place.")
    {
        ListCommand.Create(output, error),
        ShowCommand.Create(output),
        ReplayCommand.Create(output),
        PreflightCommand.Create(output, error),
        RepairCommand.Create(output),
        ExportCommand.Create(bytes, error),
        ImportCommand.Create(output, error),
    };
}
