using System.Globalization;

namespace ActorGrid.Testing;

/// <content>How scripts are run.</content>
public sealed partial class SimulatedGrid
{
    internal const string SeedVariable = "ACTORGRID_SEED";
    private const string SeedsVariable = "ACTORGRID_SEEDS";

    /// <summary>
    /// Runs a script with the seeds from 1 on, each against a new grid, and stops at the first that fails. From outside of the test, the environment variable
    /// <c>ACTORGRID_SEED</c> runs that seed alone, and <c>ACTORGRID_SEEDS</c> as many seeds as it says; <c>ACTORGRID_TRACE</c> names a file that gets the whole
    /// trace of a run that fails, or of one that runs alone.
    /// </summary>
    /// <param name="seeds">How many; from 1.</param>
    /// <param name="options">What the grid consists of, and what befalls it.</param>
    /// <param name="script">Runs once all nodes are up; it must hold no state from an earlier run.</param>
    /// <exception cref="SimulationFailedException">The script has failed, or the grid has broken a promise; the message names the seed and shows the trace.</exception>
    /// <exception cref="InvalidOperationException">An environment variable is no number.</exception>
    public static void RunSeeds(int seeds, SimulatedGridOptions options, Func<SimulatedGrid, Task> script)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        if (NumberIn(SeedVariable) is { } alone)
        {
            RunOne(alone, options, script, isFixed: false, isAlone: true);
            return;
        }
        seeds = NumberIn(SeedsVariable) ?? seeds;
        for (int seed = 1; seed <= seeds; seed++) RunOne(seed, options, script, isFixed: false, isAlone: false);
    }

    /// <summary>Runs a script against a new grid. When it fails, the same run is made again with its trace kept, so that the failure can be explained;
    /// <c>ACTORGRID_TRACE</c> names a file that gets all of it.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="options">What the grid consists of, and what befalls it.</param>
    /// <param name="script">Runs once all nodes are up; it must hold no state from an earlier run.</param>
    /// <exception cref="SimulationFailedException">The script has failed, or the grid has broken a promise; the message names the seed and shows the trace.</exception>
    public static void Run(int seed, SimulatedGridOptions options, Func<SimulatedGrid, Task> script) => RunOne(seed, options, script, isFixed: true, isAlone: false);

    internal static Exception? TryRun(int seed, SimulatedGridOptions options, Func<SimulatedGrid, Task> script, bool isRecorded, out SimulatedGrid grid)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(script);
        var world = new World((uint)seed, isRecorded);
        grid = new SimulatedGrid(world, options);
        var simulated = grid;
        try
        {
            world.Run(
                async () =>
                {
                    foreach (var node in simulated._nodes.Concat(simulated._clients)) node.BeginStart();
                    await simulated.UntilWholeAsync();
                    simulated.BeginFaults();
                    simulated.ScriptBeganAt = simulated.Elapsed;
                    await script(simulated);
                },
                options.TimeLimit);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static void RunOne(int seed, SimulatedGridOptions options, Func<SimulatedGrid, Task> script, bool isFixed, bool isAlone)
    {
        bool showsAll = isAlone && TraceFile.IsWanted;
        var failure = TryRun(seed, options, script, isRecorded: showsAll, out var first);
        if (failure is null)
        {
            if (showsAll) TraceFile.Write(first);
            return;
        }
        var again = TryRun(seed, options, script, isRecorded: true, out var second);
        TraceFile.Write(second);
        string difference = "";
        if (second.World.Trace.Hash != first.World.Trace.Hash)
        {
            TryRun(seed, options, script, isRecorded: true, out var third);
            difference = Repetition.DifferenceOf(second, third);
        }
        throw SimulationFailedException.Of(second, failure, again, Repetition.Of(first, second, isFixed, difference));
    }

    private static int? NumberIn(string variable)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text)) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InvalidOperationException($"The environment variable {variable} is '{text}'; it has to be a number from 0 on.");
    }
}
