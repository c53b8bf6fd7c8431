using System.CommandLine;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal preflight</c>: runs the code of a new version over the journal, and writes nothing.</summary>
internal static class PreflightCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var examples = new Option<int>("--examples") { Description = "At most so many examples of each finding, 0 to 1,000.", HelpName = "N", DefaultValueFactory = static _ => 5 };
        var store = new StoreOptions();
        var code = new CodeOptions();
        var command = new Command("preflight", "Reads every event by the code of a new version, and reports what it cannot live with. Ends with 0 only if all is well.") { examples };
        code.AddTo(command, isRequired: true);
        store.AddTo(command);
        command.SetAction(async (parse, stop) =>
        {
            var types = code.Load(parse);
            await using var opened = await store.OpenAsync(parse, toWrite: false, stop);
            var report = await Progress.RunAsync(error, "preflight", say => JournalPreflight.RunAsync(
                opened.Journal, types, new PreflightOptions { ExamplesMax = parse.GetValue(examples) }, new Said(say), stop));
            // Causes quote what is stored.
            foreach (string line in report.ToString().Split(Environment.NewLine)) await output.WriteLineAsync(PayloadText.Of(line));
            return report.Verdict == PreflightVerdict.Passed ? ExitCode.Done : ExitCode.Found;
        });
        return command;
    }

    private sealed class Said(Action<string> say) : IProgress<PreflightProgress>
    {
        public void Report(PreflightProgress value) => say(FormattableString.Invariant($"{value.EntityType}, {value.Entities:N0} entities, {value.Events:N0} events, {value.Faults:N0} faults"));
    }
}
