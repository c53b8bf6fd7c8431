using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ActorGrid.Failover;

/// <summary>The options of the program and their bounds.</summary>
internal sealed class CommandLine
{
    private const string Everything = "all";
    private const int ChaosNodes = 4, ChaosEntities = 400;

    private readonly Option<Scenario[]> _scenarios = new("--scenario")
    {
        HelpName = "NAME",
        Description = $"What happens to the grid; may be given several times. {Everything}: {string.Join(", ", AllScenarios.All.Select(s => s.Name))}.",
        DefaultValueFactory = _ => [.. AllScenarios.All],
        CustomParser = ReadScenarios,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<StoreChoice[]> _stores = new("--store")
    {
        HelpName = "STORE",
        Description = "sqlite, postgres (a throwaway server is started) or postgres=CONNECTION (a throwaway database is made there); may be given several times. Default: postgres and sqlite.",
        DefaultValueFactory = _ => [new StoreChoice(StoreKind.PostgreSql, null), new StoreChoice(StoreKind.Sqlite, null)],
        CustomParser = ReadStores,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _runs = Number("--runs", "How often each scenario is run, each time on a grid that is started for it.", 3, 1, 1_000);
    private readonly Option<int> _nodes = Number("--nodes", "How many nodes.", 3, 2, 32);
    private readonly Option<int> _entities = Number("--entities", "How many entities.", 1_000, 1, 1_000_000);
    private readonly Option<int> _every = Number("--every", "Milliseconds between two requests of an entity.", 250, 1, 60_000);
    private readonly Option<double> _deadline = Number("--deadline", "Seconds that a request may take.", 10.0, 0.1, 60);
    private readonly Option<double> _warmup = Number("--warmup", "Seconds of load before the fault.", 15.0, 0.5, 600);
    private readonly Option<double> _seconds = Number("--seconds", "How long faults are made.", 120.0, 1, 86_400);
    private readonly Option<int> _seed = Number("--seed", "Decides which faults are made. Default: drawn, and printed.", 0, 0, int.MaxValue);
    private readonly Option<string> _output = new("--output")
    {
        HelpName = "DIR",
        Description = "Where failover.html, failover.json, failover.md and the logs of the processes go.",
        DefaultValueFactory = _ => "failover-results",
    };

    /// <summary>Makes the command.</summary>
    /// <param name="measure">Runs the benchmark.</param>
    /// <param name="chaos">Runs the chaos.</param>
    /// <param name="child">Is a child: its kind and its settings.</param>
    public CommandLine(
        Func<IReadOnlyList<Scenario>, IReadOnlyList<StoreChoice>, RunnerOptions, CancellationToken, Task<int>> measure,
        Func<ChaosOptions, Task<int>> chaos,
        Func<string, ChildSettings, Task> child)
    {
        Root = new RootCommand(
            "Measures what the callers of a grid feel when a node is killed, stopped, cut off, leaves or joins, or its database is restarted: with real processes, a real database, and all settings "
            + "of ActorGrid at their defaults. Proves of each run that no acknowledged write was lost or doubled and no read was stale. Exit code: 0 if every bar holds, 1 if one is missed, 2 on an error.")
        {
            _scenarios, _stores, _runs, _nodes, _entities, _every, _deadline, _warmup, _output,
        };
        Root.SetAction((parse, stop) => measure(
            parse.GetRequiredValue(_scenarios),
            parse.GetRequiredValue(_stores),
            new RunnerOptions(parse.GetValue(_nodes), LoadOf(parse, parse.GetValue(_entities)), Seconds(parse, _warmup), parse.GetValue(_runs), DirectoryOf(parse)),
            stop));
        Root.Add(Chaos(chaos));
        foreach (string kind in (string[])["node", "client", "reader"]) Root.Add(ChildCommand(kind, child));
    }

    public RootCommand Root { get; }

    private Command Chaos(Func<ChaosOptions, Task<int>> run)
    {
        var nodes = Number("--nodes", "How many nodes.", ChaosNodes, 3, 32);
        var entities = Number("--entities", "How many entities.", ChaosEntities, 1, 1_000_000);
        Option<StoreChoice> store = new("--store")
        {
            HelpName = "STORE",
            Description = "sqlite, postgres or postgres=CONNECTION.",
            DefaultValueFactory = _ => new StoreChoice(StoreKind.PostgreSql, null),
            CustomParser = result => ReadStores(result) is [var one] ? one : null,
        };
        var command = new Command("chaos", "Kills and stops nodes at random under load, and proves at the end that nothing was lost or doubled and no request failed.")
        {
            _seconds, _seed, store, nodes, entities, _every, _deadline, _output,
        };
        command.SetAction(parse => run(new ChaosOptions(
            new StageOptions(
                parse.GetValue(nodes), LoadOf(parse, parse.GetValue(entities)), TimeSpan.FromSeconds(3), parse.GetRequiredValue(store), Path.Combine(DirectoryOf(parse), "chaos"), Victim: 0),
            Seconds(parse, _seconds),
            parse.GetResult(_seed) is { Implicit: false } ? parse.GetValue(_seed) : Random.Shared.Next())));
        return command;
    }

    private static Command ChildCommand(string kind, Func<string, ChildSettings, Task> run)
    {
        var settings = new Argument<string>("settings");
        var command = new Command(kind) { settings };
        command.Hidden = true;
        command.SetAction(parse => run(kind, ChildSettings.Parse(parse.GetRequiredValue(settings))));
        return command;
    }

    private LoadOptions LoadOf(ParseResult parse, int entities) => new(entities, TimeSpan.FromMilliseconds(parse.GetValue(_every)), Seconds(parse, _deadline));

    private string DirectoryOf(ParseResult parse) => Path.GetFullPath(parse.GetRequiredValue(_output));

    private static TimeSpan Seconds(ParseResult parse, Option<double> option) => TimeSpan.FromSeconds(parse.GetValue(option));

    private static Scenario[] ReadScenarios(ArgumentResult result)
    {
        var scenarios = new List<Scenario>();
        foreach (string name in result.Tokens.Select(t => t.Value))
        {
            if (name == Everything) scenarios.AddRange(AllScenarios.All);
            else if (AllScenarios.All.FirstOrDefault(s => s.Name == name) is { } scenario) scenarios.Add(scenario);
            else result.AddError($"There is no scenario '{name}': take {Everything}, {string.Join(", ", AllScenarios.All.Select(s => s.Name))}.");
        }
        return [.. scenarios.Distinct()];
    }

    private static StoreChoice[] ReadStores(ArgumentResult result)
    {
        var stores = new List<StoreChoice>();
        foreach (string text in result.Tokens.Select(t => t.Value))
        {
            if (StoreChoice.Parse(text) is { } store) stores.Add(store);
            else result.AddError($"--store takes sqlite, postgres or postgres=CONNECTION, not '{text}'.");
        }
        return [.. stores];
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
