using ActorGrid.Benchmarks;
using BenchmarkDotNet.Running;

// Each group is a file of its own. `bdn` hands the rest of the line to BenchmarkDotNet.
var groups = new Dictionary<string, Action<Rows>>(StringComparer.Ordinal)
{
    ["actors"] = ActorRows.Run,
    ["links"] = LinkRows.Run,
    ["sqlite"] = SqliteRows.Run,
    ["postgres"] = PostgreSqlRows.Run,
    ["entities"] = EntityRows.RunOnSqlite,
    ["entities-postgres"] = EntityRows.RunOnPostgreSql,
    ["words"] = WordRows.Run,
};

string group = args.FirstOrDefault() ?? "";
if (group == "bdn")
{
    BenchmarkSwitcher.FromAssembly(typeof(Rows).Assembly).Run(args[1..]);
    return 0;
}

if (group == "damage")
{
    await DamagedJournal.WriteAsync(args[1], args.Length > 2 ? int.Parse(args[2]) : 1_000_000);
    return 0;
}

if (!groups.TryGetValue(group, out Action<Rows>? run))
{
    Console.Error.WriteLine($"usage: {string.Join('|', groups.Keys)} [part of row names] [--runs N]   or   bdn [BenchmarkDotNet arguments]   or   damage FILE [events]");
    return 2;
}

int runsAt = Array.IndexOf(args, "--runs");
run(new Rows(
    filter: args.Length > 1 && runsAt != 1 ? args[1] : "",
    runs: runsAt > 0 ? int.Parse(args[runsAt + 1]) : 5));
return 0;
