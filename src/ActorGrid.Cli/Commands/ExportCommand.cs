using System.CommandLine;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal export</c>: all events as JSON lines, shard by shard in the order of their offsets.</summary>
internal static class ExportCommand
{
    /// <summary>The version of the format, in its first line.</summary>
    public const int Version = 1;

    private const int EventsPerRead = 500;

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var file = new Option<string?>("--out") { Description = "The file to write, which must not be there; left out: standard output.", HelpName = "FILE" };
        var store = new StoreOptions();
        var command = new Command("export", "Writes all events as JSON lines: for programs that look at them. It is no backup: what is not an event (replies, attachments, snapshots) is not in it.") { file };
        store.AddTo(command);
        command.SetAction(async (parse, stop) =>
        {
            await using var opened = await store.OpenAsync(parse, toWrite: false, stop);
            if (parse.GetValue(file) is not { } path)
            {
                await WriteAsync(opened, output, error, stop);
                return ExitCode.Done;
            }
            await using var target = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None));
            await WriteAsync(opened, target, error, stop);
            return ExitCode.Done;
        });
        return command;
    }

    private static Task<long> WriteAsync(OpenedStore store, TextWriter target, TextWriter error, CancellationToken cancellationToken) => Progress.RunAsync(error, "export", async say =>
    {
        using var lines = new JsonLines(target);
        await lines.WriteAsync(json =>
        {
            json.WriteString("format", "actorgrid-journal");
            json.WriteNumber("version", Version);
            json.WriteString("grid", store.Grid.Name);
            json.WriteNumber("shards", store.Grid.ShardCount);
        });
        long count = 0;
        foreach (var (shard, _) in (await store.Journal.ReadFencesAsync(cancellationToken)).OrderBy(row => row.Shard))
        {
            long offset = 0;
            while (await store.Journal.ReadShardAsync(shard, offset, EventsPerRead, cancellationToken) is { Count: > 0 } page)
            {
                foreach (var stored in page) await lines.WriteAsync(json => Write(json, shard, stored));
                offset = page[^1].Offset;
                count += page.Count;
                say(FormattableString.Invariant($"{count:N0} events"));
            }
        }
        // By it a reader knows that this is all.
        await lines.WriteAsync(json => json.WriteNumber("events", count));
        return count;
    });

    private static void Write(System.Text.Json.Utf8JsonWriter json, ShardId shard, StoredEvent stored)
    {
        json.WriteNumber("shard", shard.Value);
        json.WriteNumber("offset", stored.Offset);
        json.WriteString("epoch", stored.Epoch.ToString());
        json.WriteString("type", stored.Event.Entity.Type);
        json.WriteString("key", stored.Event.Entity.Key);
        JsonLines.Write(json, stored.Event);
    }
}
