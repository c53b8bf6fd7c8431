using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SampleNodes;

namespace WordCount;

/// <summary>The options of the program and their bounds.</summary>
public static class CommandLine
{
    private const int TopMax = 1_000;
    internal const int WorkersMax = 256;

    private const string About =
        """
        Counts the words of files and folders, as a job that survives being killed.

        A word is a maximal run of Unicode letters, folded by simple lower case; bytes that are not UTF-8 separate words.
        A word of more than 1,024 bytes counts as its first letters that fit. Folders are entered at any depth, symbolic links are
        followed; a file or folder that is met twice counts once. Empty and binary files (a zero byte in the first 8,000), pipes and
        devices are left out with a warning; it is an error if nothing else is there. A missing or unreadable path is an error, as is
        a file that changes while it is counted. A result file is replaced only when the new one is whole.
        Seconds and rates, shown and in the JSON, are those of this run: of a job that goes on, only what this run counted.
        Nodes on several hosts find the files under the same paths: the folders are shared.
        Exit code: 0 counted, 1 error, 130 interrupted.
        """;

    /// <summary>Where jobs are kept unless --data says otherwise: in the user's own folder, or in the temporary one.</summary>
    public static string DefaultData => Path.Join(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } own ? own : Path.GetTempPath(),
        "actorgrid-word-count");

    /// <summary>Makes the command.</summary>
    public static RootCommand Create(Func<CountOptions, CancellationToken, Task<int>> run)
    {
        Argument<string[]> paths = new("PATH")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "Files and folders. None: a text of 64 MB, generated from a seed.",
        };
        Option<int> top = new("--top")
        {
            HelpName = "N",
            Description = $"How many words to show as bars, 0 to {TopMax}.",
            DefaultValueFactory = _ => 20,
            CustomParser = result => Number(result, "--top", 0, TopMax),
        };
        Option<string?> json = new("--json") { HelpName = "FILE", Description = "Write the totals and all words as JSON." };
        Option<string?> csv = new("--csv")
        {
            HelpName = "FILE",
            Description = "Write all words as CSV, by descending count, then by code point.",
        };
        Option<int?> workers = new("--workers")
        {
            HelpName = "N",
            Description = $"How many parts to count at a time on each node, 1 to {WorkersMax}. By default the processors of this host, shared out among its nodes.",
            CustomParser = result => Number(result, "--workers", 1, WorkersMax),
        };
        Option<string?> job = new("--job")
        {
            HelpName = "ID",
            Description = "Name the job. Run again with the same id and paths, after a kill or an interrupt: it goes on where it was.",
        };
        Option<string?> data = new("--data")
        {
            HelpName = "DIR",
            Description = "The folder for jobs and the generated text.",
            DefaultValueFactory = _ => DefaultData,
        };
        Option<ulong> seed = new("--seed")
        {
            HelpName = "N",
            Description = "The seed of the generated text.",
            DefaultValueFactory = _ => 1,
            CustomParser = result => Number<ulong>(result, "--seed", 0, ulong.MaxValue),
        };

        job.Validators.Add(result =>
        {
            if (Given(result) is { } id && JobFolder.Refuse(id) is { } reason)
                result.AddError(reason);
        });
        foreach (Option<string?> file in new[] { json, csv, data })
        {
            file.Validators.Add(result =>
            {
                if (Given(result) is { Length: 0 })
                    result.AddError($"{file.Name} needs a path.");
            });
        }

        data.Validators.Add(result =>
        {
            if (Given(result) is { } folder && File.Exists(folder))
                result.AddError($"--data is '{folder}', a file; it must be a folder.");
        });

        Option<bool> killOwner = new("--kill-owner") { Description = "As --kill, but the node that has accepted the job." };
        NodeOptions nodes = new();

        RootCommand root = new(About) { paths, top, json, csv, workers, job, data, seed };
        nodes.AddTo(root);
        root.Add(killOwner);
        root.Validators.Add(result =>
        {
            if (result.GetResult(paths)?.Tokens.Any(token => token.Value.Length == 0) == true)
                result.AddError("A path is empty.");
            if (Given(result.GetResult(json)) is { Length: > 0 } one && Given(result.GetResult(csv)) is { Length: > 0 } other
                && Path.GetFullPath(one) == Path.GetFullPath(other))
                result.AddError("--json and --csv name the same file.");
            if (result.GetResult(killOwner) is { Implicit: false } && !nodes.StartsSeveral(result))
                result.AddError("--kill-owner needs a node that stays: add --nodes 3.");
        });
        root.SetAction(async (parsed, cancel) =>
        {
            if (UnknownOption(parsed, paths) is { } unknown)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(
                    $"There is no option '{unknown}': see --help. To count a file of that name, put it after '--'.");
                return CountCommand.Failed;
            }

            return await run(
                new CountOptions(
                    [.. (parsed.GetValue(paths) ?? []).Select(Path.GetFullPath)],
                    parsed.GetValue(top),
                    Full(parsed.GetValue(json)),
                    Full(parsed.GetValue(csv)),
                    parsed.GetValue(workers),
                    parsed.GetValue(job),
                    Path.GetFullPath(parsed.GetValue(data)!),
                    parsed.GetValue(seed),
                    nodes.Read(parsed),
                    parsed.GetValue(killOwner)),
                cancel);
        });
        return root;

        static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
    }

    private static T Number<T>(ArgumentResult result, string option, T min, T max)
        where T : struct, System.Numerics.IBinaryInteger<T>
    {
        string given = result.Tokens[0].Value;
        if (T.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T value) && value >= min && value <= max)
            return value;
        result.AddError($"{option} is '{given}'; it must be a whole number, {min} to {max}.");
        return default;
    }

    /// <summary>The first path that is meant as an option, unless it comes after <c>--</c>, which makes all that follows paths.</summary>
    private static string? UnknownOption(ParseResult parsed, Argument<string[]> paths)
    {
        int literal = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        return parsed.GetResult(paths)?.Tokens.SkipLast(literal).Select(token => token.Value).FirstOrDefault(path => path.StartsWith('-'));
    }

    /// <summary>
    /// The one value that was given, or null. Validators also see what the parser refuses (no number, a value too many) and reports by
    /// itself; to ask for its converted value throws.
    /// </summary>
    private static string? Given(OptionResult? result) => result?.Tokens is [var token] ? token.Value : null;
}
