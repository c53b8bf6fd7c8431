using System.CommandLine;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary><c>actorgrid journal list</c>: the entity types, or the entities of one.</summary>
internal static class ListCommand
{
    private const int KeysPerRead = 1000;

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var type = new Argument<string?>("type") { Description = "List the entities of this type; left out: list the types.", Arity = ArgumentArity.ZeroOrOne, HelpName = "TYPE" };
        var after = new Option<string?>("--after") { Description = "Only keys after this one.", HelpName = "KEY" };
        var json = new Option<bool>("--json") { Description = "Write a line of JSON for each, for programs." };
        var store = new StoreOptions();
        var command = new Command("list", "Lists the entity types with the number of their entities, or the keys of one type.") { type, after, json };
        store.AddTo(command);
        command.SetAction(async (parse, stop) =>
        {
            await using var opened = await store.OpenAsync(parse, toWrite: false, stop);
            using var lines = new JsonLines(output);
            if (parse.GetValue(type) is { } name)
            {
                if (!(await opened.Journal.ListEntityTypesAsync(stop)).Contains(name, StringComparer.Ordinal))
                {
                    await error.WriteLineAsync(PayloadText.Of($"There is no entity of the type '{name}': list without a type shows those that there are."));
                    return ExitCode.Found;
                }
                await ListEntitiesAsync(opened.Journal, name, parse.GetValue(after), parse.GetValue(json) ? lines : null, output, stop);
            }
            else await ListTypesAsync(opened.Journal, parse.GetValue(json) ? lines : null, output, stop);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ListTypesAsync(IEventJournal journal, JsonLines? lines, TextWriter output, CancellationToken cancellationToken)
    {
        foreach (string type in await journal.ListEntityTypesAsync(cancellationToken))
        {
            long count = 0;
            string? after = null;
            while (await journal.ListEntitiesAsync(type, after, KeysPerRead, cancellationToken) is { Count: > 0 } keys)
            {
                count += keys.Count;
                after = keys[^1];
            }
            if (lines is null) await output.WriteLineAsync(FormattableString.Invariant($"{PayloadText.Of(type)}\t{count}"));
            else await lines.WriteAsync(line =>
            {
                line.WriteString("type", type);
                line.WriteNumber("entities", count);
            });
        }
    }

    private static async Task ListEntitiesAsync(IEventJournal journal, string type, string? after, JsonLines? lines, TextWriter output, CancellationToken cancellationToken)
    {
        while (await journal.ListEntitiesAsync(type, after, KeysPerRead, cancellationToken) is { Count: > 0 } keys)
        {
            foreach (string key in keys)
            {
                if (lines is null) await output.WriteLineAsync(PayloadText.Of($"{type}/{key}"));
                else await lines.WriteAsync(line =>
                {
                    line.WriteString("type", type);
                    line.WriteString("key", key);
                });
            }
            after = keys[^1];
        }
    }
}
