using System.CommandLine;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal export</c>: all that a grid has stored, as of one moment, as JSON lines.</summary>
internal static class ExportCommand
{
    private const int RowsPerReport = 4096, FileBufferBytes = 1 << 20;

    /// <summary>The command.</summary>
    public static Command Create(Func<Stream> output, TextWriter error)
    {
        var file = new Option<string?>("--out") { Description = "The file to write, which must not be there; left out: standard output.", HelpName = "FILE" };
        var store = new StoreOptions();
        var command = new Command(
            "export",
            "Writes all that is stored as JSON lines: events, snapshots, replies to commands, timers, attachments and cursors, as of one moment. It is a whole copy, which import brings into an empty store of either kind, and programs can read.")
        {
            file,
        };
        store.AddTo(command);
        command.SetAction(async (parse, stop) =>
        {
            await using var opened = await store.OpenAsync(parse, toWrite: false, stop);
            if (parse.GetValue(file) is not { } path)
            {
                // The bytes as they are: a console's own code page is nothing that an import could read.
                await using var stream = new BufferedStream(output(), FileBufferBytes);
                await WriteAsync(opened, line => stream.WriteAsync(line, stop), error, stop);
                await stream.FlushAsync(stop);
                return ExitCode.Done;
            }
            await WriteFileAsync(path, target => WriteAsync(opened, line => target.WriteAsync(line, stop), error, stop));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Makes a file; half of it is not left behind.</summary>
    internal static async Task WriteFileAsync(string path, Func<FileStream, Task> write)
    {
        var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileBufferBytes, FileOptions.Asynchronous);
        bool isWhole = false;
        try
        {
            await using (target)
            {
                await write(target);
                // Whoever keeps it in the place of the store wants it on the disk.
                target.Flush(flushToDisk: true);
            }
            isWhole = true;
        }
        finally
        {
            if (!isWhole) File.Delete(path);
        }
    }

    private static Task<long> WriteAsync(OpenedStore store, Func<ReadOnlyMemory<byte>, ValueTask> write, TextWriter error, CancellationToken cancellationToken) => Progress.RunAsync(error, "export", async say =>
    {
        using var lines = new ArchiveLineWriter(write);
        await lines.BeginAsync(store.Grid);
        long count = 0;
        await foreach (var row in store.Archive.ReadAsync(cancellationToken))
        {
            await lines.WriteAsync(row);
            if (++count % RowsPerReport == 0) say(FormattableString.Invariant($"{count:N0} rows"));
        }
        await lines.EndAsync();
        return count;
    });
}
