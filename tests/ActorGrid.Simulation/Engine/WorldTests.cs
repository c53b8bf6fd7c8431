using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>The engine, by nodes that are alone on their store.</summary>
public sealed class WorldTests
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 4);

    [Fact]
    public void Time_moves_only_when_nothing_is_left_to_run()
    {
        var world = new World(1);
        world.Run(
            async () =>
            {
                await Task.Delay(TimeSpan.FromHours(3), world.Outside.Time);
                Assert.Equal(World.Epoch.AddHours(3), world.Outside.Time.GetUtcNow());
            },
            TimeSpan.FromDays(1));
    }

    [Fact]
    public void A_script_that_does_not_end_is_ended()
    {
        var world = new World(1);
        Assert.Throws<SimulationStuckException>(() => world.Run(() => new TaskCompletionSource().Task, TimeSpan.FromDays(1)));
        Assert.Throws<SimulationStuckException>(() => world.Run(() => Task.Delay(TimeSpan.FromDays(2), world.Outside.Time), TimeSpan.FromDays(1)));
    }

    [Fact]
    public void What_leaves_the_simulation_is_named()
    {
        var world = new World(1);
        var escaped = Assert.Throws<InvalidOperationException>(() => world.Run(
            async () =>
            {
                var system = new ActorSystem(new ActorSystemOptions { Dispatcher = world.Outside.Dispatcher, TimeProvider = world.Outside.Time, Seed = 1 });
                using var done = new ManualResetEventSlim();
                new Thread(() =>
                {
                    system.Spawn(() => new Silent());
                    done.Set();
                }).Start();
                Assert.True(done.Wait(TimeSpan.FromSeconds(10)));
                await Task.Delay(TimeSpan.FromSeconds(1), world.Outside.Time);
            },
            TimeSpan.FromMinutes(1)));
        Assert.Contains("another thread", escaped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clocks_drift_jump_and_stand_still()
    {
        var world = new World(1);
        var machine = world.AddMachine("a");
        var process = machine.Start();
        world.Run(
            async () =>
            {
                machine.Clock.SetDrift(10_000);
                await Task.Delay(TimeSpan.FromSeconds(100), world.Outside.Time);
                Assert.Equal(101, TimeSpan.FromTicks(process.Time.GetTimestamp()).TotalSeconds, 3);
                machine.Clock.SetDrift(0);
                machine.Clock.Jump(TimeSpan.FromDays(1));
                Assert.Equal(World.Epoch.AddDays(1).AddSeconds(101), process.Time.GetUtcNow(), TimeSpan.FromMilliseconds(1));
                var delay = process.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(10), process.Time));
                await Task.Delay(TimeSpan.FromSeconds(5), world.Outside.Time);
                machine.Suspend();
                await Task.Delay(TimeSpan.FromSeconds(60), world.Outside.Time);
                machine.Wake();
                Assert.Equal(106, TimeSpan.FromTicks(process.Time.GetTimestamp()).TotalSeconds, 3);
                Assert.Equal(166, process.Time.Uptime.TotalSeconds, 3);
                await Task.Delay(TimeSpan.FromSeconds(4.9), world.Outside.Time);
                Assert.False(delay.IsCompleted);
                await Task.Delay(TimeSpan.FromSeconds(0.2), world.Outside.Time);
                Assert.True(delay.IsCompleted);
            },
            TimeSpan.FromHours(1));
    }

    [Fact]
    public void Nothing_acknowledged_is_lost_by_deaths_and_by_a_store_that_fails()
    {
        for (ulong seed = 1; seed <= 20; seed++) RunAlone(seed);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var first = RunAlone(7, isRecorded: true);
        GC.Collect();
        Trace? second = null;
        var other = new Thread(() => second = RunAlone(7, isRecorded: true));
        other.Start();
        Assert.True(other.Join(TimeSpan.FromMinutes(1)));
        Assert.Equal(first.Entries.Count, second!.Entries.Count);
        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(first.Hash, RunAlone(7).Hash);
        Assert.NotEqual(first.Hash, RunAlone(8).Hash);
    }

    /// <summary>A node that owns all, dies again and again, and finds its store failing; a caller that asks it to add the numbers from 1 on.</summary>
    private static Trace RunAlone(ulong seed, bool isRecorded = false)
    {
        var world = new World(seed, isRecorded);
        world.Database = new SimulatedDatabase(world, Grid)
        {
            Rates = new StoreFaultRates { Refused = 0.01, AnswerLost = 0.02, RequestLost = 0.01, PerformedLate = 0.02, Slow = 0.01 },
        };
        var machine = world.AddMachine("alone");
        world.Run(
            async () =>
            {
                var acknowledged = new List<int>();
                var process = machine.Start();
                var host = await StartHostAsync(process);
                for (int number = 1; number <= 100; number++)
                {
                    if (number % 25 == 0)
                    {
                        machine.Kill(isLost: world.Random.Chance(0.5));
                        process = machine.Start();
                        host = await StartHostAsync(process);
                    }
                    int added = number;
                    var ask = process.RunAsync(() => host.AskAsync(EntityId.Create("ledger", "a"), new Add(added)));
                    try
                    {
                        await ask;
                        acknowledged.Add(number);
                    }
                    catch (Exception e) when (e is StoreException or AskTimeoutException or OwnershipLostException or ProcessDiedException)
                    {
                        world.Say(TraceKind.Note, $"{number} failed");
                    }
                }
                world.Database.Rates = StoreFaultRates.None;
                var all = await process.RunAsync(() => host.AskAsync(EntityId.Create("ledger", "a"), new List()));
                Assert.Equal(acknowledged, all.Where(acknowledged.Contains));
                Assert.Equal(all.Distinct(), all);
            },
            TimeSpan.FromHours(1));
        return world.Trace;
    }

    private static async Task<EntityHost> StartHostAsync(SimulatedProcess process)
    {
        var system = new ActorSystem(new ActorSystemOptions { Dispatcher = process.Dispatcher, TimeProvider = process.Time, Seed = process.World.Random.Next() });
        var store = process.World.Database!.Connect(process);
        while (true)
        {
            try
            {
                return await process.RunAsync(async () =>
                {
                    await store.OpenAsync(Grid, default);
                    return await EntityHost.StartAsync(system, store, Grid, [EntityType.Create<Ledger>("ledger", LedgerJson.Default)]);
                });
            }
            catch (StoreException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), process.World.Outside.Time);
            }
        }
    }

    private sealed class Silent : Actor<string>
    {
        protected override ValueTask OnMessageAsync(string message) => default;
    }
}
