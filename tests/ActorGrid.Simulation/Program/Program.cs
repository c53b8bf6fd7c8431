using System.CommandLine;
using ActorGrid.Simulation;

var seeds = new Option<int>("--seeds") { Description = "How many seeds to run.", DefaultValueFactory = _ => 1000 };
var from = new Option<int>("--from") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
var threads = new Option<int>("--threads") { Description = "How many threads run seeds.", DefaultValueFactory = _ => 2 };
var trace = new Option<string?>("--trace") { Description = "Write the whole trace of the first seed to this file." };
var hash = new Option<bool>("--hash") { Description = "Print the hash of the trace of the first seed, and nothing else." };
var keepGoing = new Option<bool>("--keep-going") { Description = "Run all seeds, and only count those that fail after the first." };
var command = new RootCommand("Runs the mixed scenario of the simulation: five nodes, all faults.") { seeds, from, threads, trace, hash, keepGoing };
command.SetAction(parsed =>
{
    int first = parsed.GetValue(from);
    if (parsed.GetValue(hash)) return SeedRun.PrintHash(first);
    return parsed.GetValue(trace) is { } file
        ? SeedRun.WriteTrace(first, file)
        : SeedRun.Run(first, parsed.GetValue(seeds), parsed.GetValue(threads), parsed.GetValue(keepGoing));
});
return await command.Parse(args).InvokeAsync();
