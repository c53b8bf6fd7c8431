using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SampleNodes;

namespace Sessions;

/// <summary>What the program was asked to do.</summary>
/// <param name="Directory">Where the grid and the ledger are.</param>
/// <param name="Load">The load to make; null: verify only.</param>
/// <param name="Every">The time between two reports.</param>
/// <param name="Nodes">On which nodes.</param>
internal sealed record Request(string Directory, LoadOptions? Load, TimeSpan Every, NodeRequest Nodes)
{
    /// <summary>Where the grid is kept.</summary>
    public StoreChoice Store => Nodes.Store.Or(Path.Combine(Directory, "grid.db"));
}

/// <summary>The options of the command line and their limits.</summary>
internal sealed class CommandLine
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "The directory of the grid and of the ledger; made if it is not there.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "sessions-data",
    };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Make no load: prove it of the data of an earlier run, however that ended.",
    };

    private readonly Option<int> _sessions = Number("--sessions", "How many sessions.", 1_000, 1, 10_000_000);

    private readonly Option<double> _rate = Number("--rate", "Events a second; 0: as many as the grid takes.", 0.0, 0, 10_000_000);

    private readonly Option<double> _seconds = Number("--seconds", "How long to make load.", 10.0, 0.001, 1_000_000);

    private readonly Option<int> _outstanding = Number("--outstanding", "How many events may be under way at once.", 1_000, 1, 100_000);

    private readonly Option<double> _skew = Number(
        "--skew", "Zipf's exponent for the popularity of sessions and pages; 0: all alike.", 1.0, 0, 10);

    private readonly Option<int> _seed = Number("--seed", "Decides which events are made.", 1, 0, int.MaxValue);

    private readonly NodeOptions _nodes = new();

    private readonly Option<double> _every = Number("--every", "Seconds between two reports.", 1.0, 0.001, 3_600);

    public CommandLine()
    {
        Root = new RootCommand(
            "Makes load on session entities, then proves that every acknowledged event is in their state exactly once. A session expires, "
            + $"by a timer of its own, {Session.Inactivity.TotalMinutes:f0} minutes after its last event; that time is fixed.")
        {
            _data, _verify, _sessions, _rate, _seconds, _outstanding, _skew, _seed, _every,
        };
        _nodes.AddTo(Root);
        _data.Validators.Add(RefuseNoDirectory);
        Root.Validators.Add(RefuseLoadWithVerify);
    }

    public RootCommand Root { get; }

    public Request Read(ParseResult parse) => new(
        Path.GetFullPath(parse.GetRequiredValue(_data)),
        parse.GetValue(_verify)
            ? null
            : new LoadOptions(
                parse.GetValue(_sessions), parse.GetValue(_rate), TimeSpan.FromSeconds(parse.GetValue(_seconds)),
                parse.GetValue(_outstanding), parse.GetValue(_skew), parse.GetValue(_seed)),
        TimeSpan.FromSeconds(parse.GetValue(_every)),
        _nodes.Read(parse));

    private static void RefuseNoDirectory(OptionResult data)
    {
        if (data.Tokens is not [{ Value: var path }]) return;
        string? mistake = path.Length == 0 || path.Contains('\0') ? "none" : File.Exists(path) ? "a file" : null;
        if (mistake is not null) data.AddError($"{data.Option.Name} takes the path of a directory, and '{path}' is {mistake}.");
    }

    private void RefuseLoadWithVerify(CommandResult command)
    {
        if (!command.GetValue(_verify)) return;
        foreach (var option in command.Command.Options.Except([_data, _verify, .. _nodes.OfStore]))
        {
            if (command.GetResult(option) is not { Implicit: false }) continue;
            command.AddError($"{option.Name} describes a load, and --verify makes none: leave one of them out.");
        }
    }

    private static Option<T> Number<T>(string name, string description, T standard, T least, T most)
        where T : struct, IComparable<T>, ISpanParsable<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                // NaN compares below everything.
                bool isNumber = T.TryParse(text, CultureInfo.InvariantCulture, out var value);
                if (isNumber && value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0) return value;
                result.AddError(FormattableString.Invariant($"{name} takes a number from {least} to {most}, not '{text}'."));
                return standard;
            },
        };
}
