using System.CommandLine;
using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal show</c>: the events of an entity, as they are stored.</summary>
internal static class ShowCommand
{
    private const int EventsPerRead = 100;

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output)
    {
        var entity = EntityArgument.Create();
        var from = new Option<long?>("--from") { Description = "The number of the first event; left out: 1.", HelpName = "N" };
        var limit = new Option<long?>("--limit") { Description = "At most so many events; left out: all.", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "Write a line of JSON for each, for programs." };
        var store = new StoreOptions();
        var command = new Command("show", "Shows the events of an entity as they are stored, its repairs among them.") { entity, from, limit, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(from) is < 1) result.AddError("--from takes a number from 1 on.");
            if (result.GetValue(limit) is < 1) result.AddError("--limit takes a number from 1 on.");
        });
        store.AddTo(command);
        command.SetAction(async (parse, stop) =>
        {
            await using var opened = await store.OpenAsync(parse, toWrite: false, stop);
            using var lines = new JsonLines(output);
            await ShowAsync(opened.Journal, parse.GetRequiredValue(entity), (parse.GetValue(from) ?? 1) - 1, parse.GetValue(limit) ?? long.MaxValue, parse.GetValue(json) ? lines : null, output, stop);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ShowAsync(IEventJournal journal, EntityId entity, long after, long limit, JsonLines? lines, TextWriter output, CancellationToken cancellationToken)
    {
        var recovery = (await journal.ReadCheckedAsync([new EntityRead(entity, null, 1)], cancellationToken))[0];
        var snapshot = recovery.Snapshot;
        if (snapshot is not null && lines is null) await output.WriteLineAsync(FormattableString.Invariant($"snapshot of event {snapshot.Sequence}: {PayloadText.Of(snapshot.Payload.Span)}"));
        if (recovery.RemovedTo > after && lines is null) await output.WriteLineAsync(FormattableString.Invariant($"events 1 to {recovery.RemovedTo} were removed, below the snapshot"));
        bool hasAny = false, hasMore = true;
        while (hasMore && limit > 0)
        {
            var page = (await journal.ReadCheckedAsync([new EntityRead(entity, after, (int)Math.Min(limit, EventsPerRead))], cancellationToken))[0];
            foreach (var stored in page.Events) await ShowAsync(stored.Event, lines, output);
            hasAny |= page.Events.Count > 0;
            after = page.LastAfter(after);
            limit -= page.Events.Count;
            hasMore = page.HasMore;
        }
        if (!hasAny && snapshot is null) throw new HistoryUnavailableException(entity, string.Create(CultureInfo.InvariantCulture, $"There is no event of {entity} after event {after}: was it ever written, and under this key?"));
    }

    private static Task ShowAsync(JournalEvent e, JsonLines? lines, TextWriter output) => lines is null
        ? output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{e.Sequence}\t{DateTimeOffset.FromUnixTimeMilliseconds(e.AtUnixMs):yyyy-MM-ddTHH:mm:ss.fffZ}\t{PayloadText.Of(e.Manifest)}\t{PayloadText.Of(e.Payload.Span)}"))
        : lines.WriteAsync(json => JsonLines.Write(json, e));
}
