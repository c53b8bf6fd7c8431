using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Actors.Tests;

/// <summary>Pools that grow and shrink.</summary>
public sealed class PoolTests
{
    /// <summary>Routees that say which of them handled what, and when one stops.</summary>
    private sealed class Crew
    {
        private int _made;

        public Crew(Sim sim, PoolOptions options, Routing<int>? routing = null, ActorContext<int>? parent = null)
        {
            Func<Actor<int>> factory = Make;
            Pool = parent is { } context ? context.SpawnPool(factory, options, "pool", routing) : sim.System.SpawnPool(factory, options, "pool", routing);
        }

        public PoolRef<int> Pool { get; }

        public List<(int Routee, int Message)> Got { get; } = [];

        public List<ActorRef<int>> Refs { get; } = [];

        public int Stops { get; private set; }

        /// <summary>What a handler waits for.</summary>
        public Task Gate { get; set; } = Task.CompletedTask;

        private Scripted<int> Make()
        {
            int me = _made++;
            return Sim.Make<int>(
                async (m, _) =>
                {
                    await Gate;
                    if (m < 0) throw new InvalidDataException();
                    Got.Add((me, m));
                },
                a =>
                {
                    a.OnStart = c => { Refs.Add(c.Self); return default; };
                    a.OnStop = _ => { Stops++; return default; };
                });
        }
    }

    [Fact]
    public void A_pool_grows_and_shrinks_to_what_it_is_told()
    {
        var sim = new Sim();
        var crew = new Crew(sim, new PoolOptions(2));
        Assert.Equal(2, crew.Pool.RouteeCount);
        crew.Pool.Resize(5);
        sim.Run();
        Assert.Equal(5, crew.Pool.RouteeCount);
        for (int i = 0; i < 5; i++) crew.Pool.Tell(i);
        sim.Run();
        Assert.Equal([0, 1, 2, 3, 4], crew.Got.Select(one => one.Routee).Order());
        crew.Pool.Resize(1);
        sim.Advance(2);
        Assert.Equal(1, crew.Pool.RouteeCount);
        Assert.Equal(4, crew.Stops);
        Assert.Throws<ArgumentOutOfRangeException>(() => crew.Pool.Resize(0));
        crew.Pool.Stop();
        sim.Run();
        crew.Pool.Resize(3);
        sim.Run();
        Assert.Equal(0, crew.Pool.RouteeCount);
        Assert.Equal(0, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void A_routee_that_is_taken_away_handles_what_it_has_and_what_was_on_the_way()
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        var crew = new Crew(sim, new PoolOptions(3)) { Gate = gate.Task };
        for (int i = 0; i < 30; i++) crew.Pool.Tell(i);
        sim.Run();
        crew.Pool.Resize(1);
        sim.Run();
        Assert.Equal(1, crew.Pool.RouteeCount);
        // A sender that had chosen it before, and comes late.
        crew.Refs[2].Tell(30);
        for (int i = 31; i < 40; i++) crew.Pool.Tell(i);
        sim.Advance(10);
        Assert.Equal(0, crew.Stops);
        gate.SetResult();
        sim.Run();
        Assert.Equal(Enumerable.Range(0, 40), crew.Got.Select(one => one.Message).Order());
        Assert.All(crew.Got.Where(one => one.Message > 30), one => Assert.Equal(0, one.Routee));
        Assert.Equal(2, crew.Stops);
        Assert.Equal(0, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void A_graceful_stop_of_a_pool_handles_what_its_routees_have_and_has_a_deadline()
    {
        var sim = new Sim();
        var crew = new Crew(sim, new PoolOptions(3) { Resizing = new PoolResizing(1, 3) });
        for (int i = 0; i < 2000; i++) crew.Pool.Tell(i);
        Task stopped = crew.Pool.StopAsync(TimeSpan.FromSeconds(1));
        sim.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal(2000, crew.Got.Count);
        crew.Pool.Tell(-1);
        Assert.Equal(1, sim.System.DeadLetters.Count);

        var stuck = new TaskCompletionSource();
        var other = new Crew(sim, new PoolOptions(1)) { Gate = stuck.Task };
        other.Pool.Tell(1);
        other.Pool.Tell(2);
        stopped = other.Pool.StopAsync(TimeSpan.FromSeconds(1));
        sim.Advance(1);
        stuck.SetResult();
        sim.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal(1, other.Got.Single().Message);
        Assert.Equal(2, sim.System.DeadLetters.Count);
    }

    /// <summary>Whenever it grows and shrinks, whenever its actors get their turn: each message is handled once.</summary>
    [Fact]
    public void Nothing_is_lost_while_a_pool_changes_its_size() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), steps =>
        {
            var sim = new Sim();
            var crew = new Crew(sim, new PoolOptions(2), steps.Length % 2 == 0 ? Routing<int>.SmallestMailbox : null);
            for (int i = 0; i < steps.Length; i++)
            {
                crew.Pool.Tell(i);
                if (steps[i] % 4 == 0) crew.Pool.Resize(1 + (steps[i] / 32));
                if (steps[i] % 4 == 1) sim.Run();
                if (steps[i] % 4 == 2) sim.Advance(steps[i] / 100.0);
            }

            sim.Advance(5);
            return crew.Got.Select(one => one.Message).Order().SequenceEqual(Enumerable.Range(0, steps.Length)) && sim.System.DeadLetters.Count == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Nothing_is_lost_while_many_send_to_a_pool_that_changes_its_size()
    {
        const int Senders = 3, Each = 100_000;
        var patience = TimeSpan.FromSeconds(60);
        await using var system = new ActorSystem();
        using var done = new CountdownEvent(Senders * Each);
        PoolRef<int> pool = system.SpawnPool(() => Sim.Make<int>((_, _) => { done.Signal(); return default; }), new PoolOptions(2), routing: Routing<int>.SmallestMailbox);
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                if (i % 500 == 0) pool.Resize(1 + (((i / 500) + sender) % 8));
                pool.Tell(i);
            }
        }))];
        await Task.WhenAll(senders).WaitAsync(patience);
        Assert.True(done.Wait(patience), $"{done.CurrentCount} messages were not handled.");
        Assert.Equal(0, system.DeadLetters.Count);
    }

    [Fact]
    public void A_free_slot_is_filled_first_so_that_keys_come_back()
    {
        var sim = new Sim();
        var crew = new Crew(sim, new PoolOptions(4) { Supervision = SupervisionStrategy.Stopping }, Routing<int>.ConsistentHash(m => Math.Abs(m)));
        int[] before = Owners();
        crew.Pool.Tell(-7);
        sim.Run();
        Assert.Equal(3, crew.Pool.RouteeCount);
        crew.Pool.Resize(4);
        sim.Run();
        int gone = before[7];
        Assert.Equal(before.Select(one => one == gone ? 4 : one), Owners());

        int[] Owners()
        {
            crew.Got.Clear();
            for (int i = 0; i < 200; i++) crew.Pool.Tell(i);
            sim.Run();
            return [.. crew.Got.OrderBy(one => one.Message).Select(one => one.Routee)];
        }
    }

    [Fact]
    public void A_pool_that_is_restarted_has_the_size_that_it_had()
    {
        var sim = new Sim();
        Crew crew = null!;
        sim.Spawn<int>((_, _) => default, "parent", with: a => a.OnStart = c =>
        {
            crew = new Crew(sim, new PoolOptions(2) { Supervision = SupervisionStrategy.Escalating }, parent: c);
            return default;
        });
        sim.Run();
        crew.Pool.Resize(4);
        sim.Run();
        crew.Pool.Tell(-1);
        sim.Advance(1);
        Assert.Equal(4, crew.Pool.RouteeCount);
        for (int i = 0; i < 4; i++) crew.Pool.Tell(i);
        sim.Run();
        Assert.Equal([4, 5, 6, 7], crew.Got.Select(one => one.Routee).Order());
    }

    [Fact]
    public void Under_pressure_a_pool_grows_to_its_bound_and_without_it_shrinks_again()
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        var resizing = new PoolResizing(routeesMin: 2, routeesMax: 7) { Interval = TimeSpan.FromSeconds(1), WaitingPerRoutee = 5 };
        var crew = new Crew(sim, new PoolOptions(4) { Resizing = resizing }) { Gate = gate.Task };
        var sizes = new List<int>();
        for (int i = 0; i < 100; i++) crew.Pool.Tell(i);
        Look(4);
        Assert.Equal([6, 7, 7, 7], sizes);
        gate.SetResult();
        sizes.Clear();
        Look(6);
        Assert.Equal([6, 5, 4, 3, 2, 2], sizes);
        Assert.Equal(100, crew.Got.Count);
        Assert.Equal(0, sim.System.DeadLetters.Count);

        void Look(int times)
        {
            for (int i = 0; i < times; i++)
            {
                sim.Advance(1);
                sizes.Add(crew.Pool.RouteeCount);
            }
        }
    }

    [Fact]
    public void A_pool_that_resizes_itself_replaces_routees_that_stopped_down_to_its_lower_bound()
    {
        var sim = new Sim();
        var crew = new Crew(sim, new PoolOptions(2) { Resizing = new PoolResizing(2, 4), Supervision = SupervisionStrategy.Stopping });
        crew.Pool.Tell(-1);
        crew.Pool.Tell(-1);
        sim.Run();
        Assert.Equal(0, crew.Pool.RouteeCount);
        sim.Advance(1);
        Assert.Equal(2, crew.Pool.RouteeCount);
    }

    [Theory]
    [InlineData(4, 41, 0, 6)]      // more than 10 for each: by half
    [InlineData(4, 40, 0, 4)]
    [InlineData(1, 11, 0, 2)]      // by one at least
    [InlineData(8, 1000, 0, 9)]    // within the bounds
    [InlineData(4, 0, 1, 3)]       // one is idle
    [InlineData(4, 0, 0, 4)]       // all are busy
    [InlineData(4, 1, 3, 4)]       // something waits
    [InlineData(1, 0, 1, 1)]
    [InlineData(0, 0, 0, 1)]       // all have stopped
    [InlineData(20, 0, 0, 9)]      // resized by hand
    [InlineData(int.MaxValue / 2, long.MaxValue, 0, 9)]
    public void The_size_is_decided_by_what_waits_and_who_is_idle(int routees, long waiting, int idle, int wanted) =>
        Assert.Equal(wanted, new PoolResizing(1, 9).Decide(routees, waiting, idle));

    [Fact]
    public void Bounds_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolOptions(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(1, 2) { Interval = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(1, 2) { WaitingPerRoutee = -1 });
        Assert.Contains("3", Assert.Throws<ArgumentOutOfRangeException>(() => new PoolOptions(3) { Resizing = new PoolResizing(1, 2) }).Message, StringComparison.Ordinal);
    }
}
