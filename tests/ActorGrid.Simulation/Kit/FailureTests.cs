using ActorGrid.Testing;

namespace ActorGrid.Simulation.Kit;

/// <summary>What whoever wrote a script is told when it fails.</summary>
public sealed class FailureTests
{
    private static readonly SimulatedGridOptions Options = new() { Configure = grid => grid.AddEntity<Ledger>("ledger", LedgerJson.Default) };

    [Fact]
    public void It_names_its_seed_and_shows_what_happened()
    {
        var failed = Fail(async grid =>
        {
            await grid.Entity<Ledger>("k").AskAsync(new Add(1));
            grid.Note("so far so good");
            Assert.Fail("as wished");
        });
        Assert.Equal(17, failed.Seed);
        Assert.StartsWith("Seed 17: as wished", failed.Message, StringComparison.Ordinal);
        Assert.Contains("It was run again, and went the same way", failed.Message, StringComparison.Ordinal);
        Assert.Contains("ACTORGRID_TRACE=FILE", failed.Message, StringComparison.Ordinal);
        Assert.Contains("so far so good", failed.Message, StringComparison.Ordinal);
        Assert.Contains("ask 1 is Add { Number = 1 }", failed.Message, StringComparison.Ordinal);
        Assert.Contains("""#1 added {"Number":1}""", failed.Message, StringComparison.Ordinal);
        Assert.Contains("ask 1 has the reply: 1", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_of_several_is_run_alone_by_a_variable()
    {
        var failed = Assert.Throws<SimulationFailedException>(() => SimulatedGrid.RunSeeds(3, Options, grid =>
        {
            Assert.NotEqual(2, grid.Seed);
            return Task.CompletedTask;
        }));
        Assert.Contains("ACTORGRID_SEED=2 dotnet test", failed.Message, StringComparison.Ordinal);
    }

    /// <summary>The lines of long ago that concern the entity stay; those that say the same over and over do not.</summary>
    [Fact]
    public void What_is_cut_is_what_has_nothing_to_do_with_it()
    {
        var failed = Fail(async grid =>
        {
            await grid.Entity<Ledger>("k").AskAsync(new Add(1));
            grid.Nodes[0].Kill();
            for (int i = 0; i < 300; i++)
            {
                await grid.Entity<Ledger>("other").AskAsync(new Add(i));
                await grid.DelayAsync(TimeSpan.FromMilliseconds(20));
            }
            for (int i = 0; i < 50; i++) await grid.Entity<Ledger>("k").AskAsync(new Count());
            Assert.Fail("as wished");
        });
        Assert.Contains("ask 1 has the reply: 1", failed.Message, StringComparison.Ordinal);
        Assert.Contains("PROCESS ENDS", failed.Message, StringComparison.Ordinal);
        Assert.Contains("(x50, until", failed.Message, StringComparison.Ordinal);
        Assert.InRange(failed.Message.Split('\n').Length, 20, Excerpt.LinesMax + 10);
    }

    [Fact]
    public void State_that_outlives_a_run_is_found_by_the_second()
    {
        int runs = 0;
        var failed = Fail(async grid =>
        {
            for (int i = 0; i <= runs; i++) await grid.Entity<Ledger>("k").AskAsync(new Add(i));
            runs++;
            Assert.Fail("as wished");
        });
        Assert.Contains("IT IS NOT DETERMINISTIC", failed.Message, StringComparison.Ordinal);
        Assert.Contains("A third run", failed.Message, StringComparison.Ordinal);

        bool fails = true;
        failed = Fail(_ =>
        {
            bool did = fails;
            fails = false;
            Assert.False(did);
            return Task.CompletedTask;
        });
        Assert.StartsWith("Seed 17 failed, and then did not", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_trace_goes_to_a_file_that_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("actorgrid-trace-");
        string file = Path.Combine(folder.FullName, "trace.txt");
        Environment.SetEnvironmentVariable("ACTORGRID_TRACE", file);
        try
        {
            var failed = Fail(grid =>
            {
                grid.Note("the end is near");
                throw new InvalidOperationException("as wished");
            });
            Assert.Contains($"The whole trace is in {file}", failed.Message, StringComparison.Ordinal);
            string[] lines = File.ReadAllLines(file);
            Assert.Contains(lines, line => line.EndsWith("the end is near", StringComparison.Ordinal));
            Assert.True(lines.Length > 100, $"{lines.Length} lines");
        }
        finally
        {
            Environment.SetEnvironmentVariable("ACTORGRID_TRACE", null);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Who_waits_for_what_never_comes_is_told_so_soon()
    {
        // The nodes go on with their heartbeats and leases, and with dying.
        var options = Options with { Faults = SimulationFaults.All };
        var failed = Assert.Throws<SimulationFailedException>(() => SimulatedGrid.Run(17, options, _ => new TaskCompletionSource().Task));
        Assert.Contains("will never come", failed.Message, StringComparison.Ordinal);
        Assert.True(failed.InnerException is SimulationStuckException, $"{failed.InnerException}");
    }

    [Fact]
    public void Who_waits_by_the_clock_may_wait_for_long() => SimulatedGrid.Run(17, Options, async grid =>
    {
        await grid.Entity<Ledger>("k").AskAsync(new AddLater(1, TimeSpan.FromMinutes(5)));
        await grid.DelayAsync(TimeSpan.FromMinutes(6));
        Assert.Equal(1, await grid.Entity<Ledger>("k").AskAsync(new Count()));
    });

    [Fact]
    public void What_leaves_the_simulation_is_said_to_have_done_so()
    {
        var failed = Assert.Throws<SimulationFailedException>(() => SimulatedGrid.Run(1, Options, async _ =>
        {
            var outside = new TaskCompletionSource();
            var waits = WaitAsync(outside.Task);
            var thread = new Thread(() => outside.SetResult());
            thread.Start();
            thread.Join();
            await waits;
        }));
        Assert.Contains("has left the simulation", failed.Message, StringComparison.Ordinal);
    }

    private static SimulationFailedException Fail(Func<SimulatedGrid, Task> script) => Assert.Throws<SimulationFailedException>(() => SimulatedGrid.Run(17, Options, script));

    private static async Task WaitAsync(Task task) => await task;
}
