using System.CommandLine;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal replay</c>: the state of an entity after one of its events, by the code of the application; or what quarantines it.</summary>
internal static class ReplayCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TextWriter output)
    {
        var entity = EntityArgument.Create();
        var to = new Option<long?>("--to") { Description = "After the event of this number; left out: after the last.", HelpName = "N" };
        var at = new Option<DateTimeOffset?>("--at") { Description = "At this time, such as 2026-01-31T12:00:00Z.", HelpName = "TIME" };
        var store = new StoreOptions();
        var code = new CodeOptions();
        var command = new Command("replay", "Works out the state of an entity by the code of the application, or says what is at fault.") { entity, to, at };
        command.Validators.Add(result =>
        {
            if (result.GetValue(to) is < 0) result.AddError("--to takes a number from 0 on.");
            if (result.GetValue(to) is not null && result.GetValue(at) is not null) result.AddError("--to and --at say two things: leave one of them out.");
        });
        code.AddTo(command, isRequired: true);
        store.AddTo(command);
        command.SetAction(async (parse, stop) =>
        {
            var id = parse.GetRequiredValue(entity);
            var type = code.LoadTypeOf(parse, id);
            await using var opened = await store.OpenAsync(parse, toWrite: false, stop);
            var history = new EntityHistory(opened.Journal, type, id.Key);
            try
            {
                long last = parse.GetValue(to) ?? long.MaxValue;
                var fold = parse.GetValue(at) is { } time ? await history.FoldAtAsync(time, stop) : await history.FoldAtAsync(last, stop);
                if (fold.Sequence != last && parse.GetValue(to) is not null)
                    throw new HistoryUnavailableException(id, FormattableString.Invariant($"There is no event {last} of {id}: its last one is {fold.Sequence}."));
                using var lines = new JsonLines(output);
                await lines.WriteAsync(json =>
                {
                    json.WriteString("entity", id.ToString());
                    json.WriteNumber("sequence", fold.Sequence);
                    json.WritePropertyName("state");
                    json.WriteStartObject();
                    JsonLines.WritePayload(json, fold.EncodeState());
                    json.WriteEndObject();
                });
                return ExitCode.Done;
            }
            catch (QuarantinedException)
            {
                await DescribeAsync(await history.InspectAsync(stop), output);
                return ExitCode.Found;
            }
        });
        return command;
    }

    private static async Task DescribeAsync(EntityInspection inspection, TextWriter output)
    {
        if (inspection.Fault is not { } fault) return;
        string what = fault.IsSnapshot ? "the snapshot of event" : "event";
        await output.WriteLineAsync(FormattableString.Invariant($"{PayloadText.Of(inspection.Entity.ToString())} is quarantined: {what} {fault.Sequence} of {inspection.LastSequence} is at fault: {PayloadText.Of(fault.Cause)}"));
        foreach (var e in fault.Events)
        {
            string mark = e.Sequence == fault.Sequence && !fault.IsSnapshot ? ">" : " ";
            await output.WriteLineAsync(FormattableString.Invariant($"{mark} {e.Sequence}\t{PayloadText.Of(e.Manifest)}\t{PayloadText.Of(e.Payload.Span)}"));
        }
    }
}
