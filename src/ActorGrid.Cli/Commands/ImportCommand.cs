using System.CommandLine;
using System.Runtime.CompilerServices;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal import</c>: brings what was exported into an empty store.</summary>
internal static class ImportCommand
{
    private const int RowsPerReport = 4096, FileBufferBytes = 1 << 20, NamesMax = 1000;

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var file = new Option<string>("--in") { Description = "The file that export has written.", HelpName = "FILE", Required = true };
        var store = new StoreOptions();
        var command = new Command(
            "import",
            "Brings an export into a SQLite file or a PostgreSQL schema that holds nothing yet, and is made if it is not there: all of it in one transaction, or nothing. The grid must not run on either of the two from the export on.")
        {
            file,
        };
        store.AddTo(command);
        command.SetAction(async (parse, stop) =>
        {
            string path = parse.GetRequiredValue(file);
            await using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileBufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);
            var reader = new ArchiveLineReader(source);
            var cursors = new SortedSet<string>(StringComparer.Ordinal);
            string left = "";
            try
            {
                var grid = await reader.ReadGridAsync(stop);
                await using var opened = await store.CreateAsync(parse, grid, stop);
                left = $" What is left in its place is the empty grid {grid}, which may be deleted.";
                await Progress.RunAsync(error, "import", async say =>
                {
                    await opened.Archive.WriteAsync(ReadAsync(reader, cursors, say, stop), stop);
                    return true;
                });
                await output.WriteLineAsync(FormattableString.Invariant(
                    $"The grid {grid} is imported: {reader.CountOf(ArchiveKind.Event):N0} events, {reader.CountOf(ArchiveKind.Snapshot):N0} snapshots, {reader.CountOf(ArchiveKind.Reply):N0} replies, {reader.CountOf(ArchiveKind.Timer):N0} timers, {reader.CountOf(ArchiveKind.Attachment):N0} attachments, {reader.CountOf(ArchiveKind.Cursor):N0} cursors of subscriptions."));
                if (cursors.Count > 0) await output.WriteLineAsync($"The tables that projections write are not in the file. Those of these have to be moved too, as they go on from their cursors: {string.Join(", ", cursors)}.");
                return ExitCode.Done;
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException(FormattableString.Invariant($"'{path}', read up to line {reader.Line}: {e.Message} Nothing was imported.{left}"), e);
            }
        });
        return command;
    }

    private static async IAsyncEnumerable<ArchiveRow> ReadAsync(ArchiveLineReader reader, SortedSet<string> cursors, Action<string> say, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in reader.ReadAsync(cancellationToken))
        {
            if (reader.Line % RowsPerReport == 0) say(FormattableString.Invariant($"{reader.Line:N0} lines"));
            if (row is ArchivedCursor cursor && cursors.Count < NamesMax) cursors.Add(cursor.Key.Name);
            yield return row;
        }
    }
}
