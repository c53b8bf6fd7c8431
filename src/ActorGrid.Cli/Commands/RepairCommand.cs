using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal repair</c>: records a repair in a journal that no grid runs on.</summary>
internal static class RepairCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TextWriter output)
    {
        var entity = EntityArgument.Create();
        var by = new Option<string>("--by") { Description = "Who decides it; recorded.", HelpName = "WHO", Required = true };
        var why = new Option<string>("--why") { Description = "Why; recorded.", HelpName = "TEXT", Required = true };
        var skip = new Option<long[]>("--skip") { Description = "The event of this number counts for nothing. May be given several times.", HelpName = "N" };
        var replace = new Option<string[]>("--replace") { Description = "Another event counts in the place of that one: its number, its name and its JSON. May be given several times.", HelpName = "N=NAME=JSON" };
        var ignore = new Option<long?>("--ignore-snapshot") { Description = "The snapshot of the event of this number is not used.", HelpName = "N" };
        var isUnchecked = new Option<bool>("--unchecked") { Description = "Record it without the code of the application: nobody has tried whether the entity recovers with it." };
        var store = new StoreOptions();
        var code = new CodeOptions();
        var command = new Command("repair", "Lets a quarantined entity go on by an act that is recorded in its history. The grid must not run; from the code of a running one, use RepairAsync.")
        {
            entity, by, why, skip, replace, ignore, isUnchecked,
        };
        code.AddTo(command, isRequired: false);
        store.AddTo(command);
        command.Validators.Add(result => RequireProof(result, code, isUnchecked));
        command.SetAction(async (parse, stop) =>
        {
            var id = parse.GetRequiredValue(entity);
            var repair = new Repair(parse.GetRequiredValue(by), parse.GetRequiredValue(why));
            repair = (parse.GetValue(skip) ?? []).Aggregate(repair, static (act, number) => act.Skip(number));
            repair = (parse.GetValue(replace) ?? []).Aggregate(repair, Replace);
            if (parse.GetValue(ignore) is { } number) repair = repair.IgnoreSnapshot(number);
            Repair.CheckSteps(repair);
            var type = code.IsGiven(parse.CommandResult) ? code.LoadTypeOf(parse, id) : null;
            await using var opened = await store.OpenAsync(parse, toWrite: true, stop);
            var shard = await opened.ShardOfAsync(id, stop);
            var receipt = await JournalRepair.RunAsync(opened.Journal, shard, type, id, repair, new Guid(RandomNumberGenerator.GetBytes(16)), TimeProvider.System.GetUtcNow(), stop);
            await output.WriteLineAsync(FormattableString.Invariant($"{PayloadText.Of(id.ToString())} is repaired, by its event {receipt.Sequence}{(type is null ? "; whether it recovers was not tried" : "")}."));
            return ExitCode.Done;
        });
        return command;
    }

    private static void RequireProof(CommandResult result, CodeOptions code, Option<bool> isUnchecked)
    {
        if (code.IsGiven(result) == result.GetValue(isUnchecked))
        {
            result.AddError("A repair is tried by the code of the application before it is recorded: add --code DLL. Or say --unchecked, alone: it is recorded all the same.");
        }
    }

    private static Repair Replace(Repair act, string text)
    {
        string[] parts = text.Split('=', 3);
        return parts.Length == 3 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? act.Replace(number, parts[1], parts[2])
            : throw new ArgumentException($"--replace takes the number of an event, the name of the other and its JSON, such as 5=deposited={{\"amount\":10}}, not '{text}'.", nameof(text));
    }
}
