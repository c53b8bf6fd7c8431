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

        /// <summary>Which routees get the messages 0 to 199.</summary>
        public int[] Owners(Sim sim)
        {
            Got.Clear();
            for (int i = 0; i < 200; i++) Pool.Tell(i);
            sim.Run();
            return [.. Got.OrderBy(one => one.Message).Select(one => one.Routee)];
        }

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

    /// <summary>A message is handled or is a dead letter, and not both. Routees are told to end at once; whether a sender meets one that has stopped is the scheduler's to say.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_message_to_a_pool_that_changes_its_size_is_handled_or_a_dead_letter(bool smallest)
    {
        const int Senders = 3, Each = 100_000;
        var patience = TimeSpan.FromSeconds(60);
        await using var system = new ActorSystem();
        int handled = 0;
        PoolRef<int> pool = system.SpawnPool(
            () => Sim.Make<int>((_, _) => { Interlocked.Increment(ref handled); return default; }),
            new PoolOptions(2) { BeforeRetiring = TimeSpan.Zero },
            routing: smallest ? Routing<int>.SmallestMailbox : null);
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                if (i % 500 == 0) pool.Resize(1 + (((i / 500) + sender) % 8));
                pool.Tell(i);
            }
        }))];
        await Task.WhenAll(senders).WaitAsync(patience);
        await pool.StopAsync(patience).WaitAsync(patience);
        Assert.Equal(Senders * Each, handled + system.DeadLetters.Count);
        Assert.True(handled > Senders * Each / 2, $"Only {handled} were handled.");
    }

    [Fact]
    public void A_pool_that_is_restarted_while_it_comes_to_its_end_does_not_begin_anew()
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        var crew = new Crew(sim, new PoolOptions(2) { Supervision = SupervisionStrategy.Escalating }) { Gate = gate.Task };
        crew.Pool.Tell(-1);
        Task stopped = crew.Pool.StopAsync(TimeSpan.FromMinutes(10));
        sim.Run();
        gate.SetResult();
        sim.Advance(30);
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal(0, crew.Pool.RouteeCount);
        Assert.Equal(2, crew.Refs.Count);
    }

    [Fact]
    public void Who_was_taken_away_less_than_a_second_ago_is_taken_back_before_anybody_is_spawned()
    {
        var sim = new Sim();
        var crew = new Crew(sim, new PoolOptions(4), Routing<int>.ConsistentHash(m => Math.Abs(m)));
        int[] before = crew.Owners(sim);
        crew.Pool.Resize(2);
        sim.Advance(0.5);
        Assert.Equal(2, crew.Pool.RouteeCount);
        crew.Pool.Resize(3);
        sim.Advance(2);
        // Slot 2 is back; slot 3 has ended.
        Assert.Equal(1, crew.Stops);
        Assert.Equal(before.Where(one => one != 3), before.Zip(crew.Owners(sim)).Where(pair => pair.First != 3).Select(pair => pair.Second));
        crew.Pool.Resize(2);
        crew.Pool.Resize(5);
        sim.Advance(2);
        Assert.Equal(1, crew.Stops);
        Assert.Equal(6, crew.Refs.Count);
        Assert.Equal(before.Select(one => one == 3 ? 4 : one), crew.Owners(sim).Zip(before, (now, then) => now == 5 ? (then == 3 ? 4 : then) : now));
    }

    [Fact]
    public void A_free_slot_is_filled_first_so_that_keys_come_back()
    {
        var sim = new Sim();
        var crew = new Crew(sim, new PoolOptions(4) { Supervision = SupervisionStrategy.Stopping }, Routing<int>.ConsistentHash(m => Math.Abs(m)));
        int[] before = crew.Owners(sim);
        crew.Pool.Tell(-7);
        sim.Run();
        Assert.Equal(3, crew.Pool.RouteeCount);
        crew.Pool.Resize(4);
        sim.Run();
        int gone = before[7];
        Assert.Equal(before.Select(one => one == gone ? 4 : one), crew.Owners(sim));
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

    [Fact]
    public void Those_who_come_to_their_end_count_against_the_upper_bound()
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        var crew = new Crew(sim, new PoolOptions(4) { Resizing = new PoolResizing(1, 5) { Interval = TimeSpan.FromSeconds(10), WaitingPerRoutee = 5 } }) { Gate = gate.Task };
        for (int i = 0; i < 100; i++) crew.Pool.Tell(i);
        sim.Run();
        crew.Pool.Resize(2);
        // Two are stuck in their handlers, told to end.
        sim.Advance(10);
        Assert.Equal(3, crew.Pool.RouteeCount);
        sim.Advance(30);
        Assert.Equal(3, crew.Pool.RouteeCount);
        Assert.Equal(5, crew.Refs.Count);
        gate.SetResult();
        sim.Run();
        Assert.Equal(100, crew.Got.Count);
        Assert.Equal(2, crew.Stops);
    }

    /// <summary>Routees that wait at message 1, and put 2 aside.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void By_itself_a_pool_gives_up_only_who_is_idle_and_has_put_nothing_aside(int message, bool isKeyed)
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        int stops = 0;
        PoolRef<(int Key, int Message)> pool = sim.System.SpawnPool(
            () => Sim.Make<(int Key, int Message)>(
                async (m, c) =>
                {
                    if (m.Message == 1) await gate.Task;
                    if (m.Message == 2) c.Stash();
                },
                a => a.OnStop = _ => { stops++; return default; }),
            new PoolOptions(3) { Resizing = new PoolResizing(1, 3) },
            routing: isKeyed ? Routing<(int Key, int Message)>.ConsistentHash(m => m.Key) : null);
        sim.Run();
        // Key 2 is that of slot 2, which is also the third in turn.
        for (int key = 0; key < 3; key++) pool.Tell((key, key == 2 ? message : 0));
        sim.Advance(20);
        Assert.Equal(isKeyed ? 3 : 1, pool.RouteeCount);
        Assert.Equal(isKeyed ? 0 : 2, stops);
        Assert.Equal(0, sim.System.DeadLetters.Count);
        if (message == 2) return;
        gate.SetResult();
        sim.Advance(20);
        Assert.Equal(1, pool.RouteeCount);
        Assert.Equal(2, stops);
    }

    [Theory]
    [InlineData(4, 0, 41, 0, 6)]      // more than 10 for each: by half
    [InlineData(4, 0, 40, 0, 4)]
    [InlineData(1, 0, 11, 0, 2)]      // by one at least
    [InlineData(8, 0, 1000, 0, 9)]    // within the bounds
    [InlineData(4, 4, 41, 0, 5)]      // four more are still there
    [InlineData(4, 8, 41, 0, 4)]
    [InlineData(0, 9, 0, 0, 1)]       // but one there must be
    [InlineData(4, 0, 0, 1, 3)]       // one is idle
    [InlineData(4, 0, 0, 0, 4)]       // all are busy
    [InlineData(4, 0, 1, 3, 4)]       // something waits
    [InlineData(1, 0, 0, 1, 1)]
    [InlineData(0, 0, 0, 0, 1)]       // all have stopped
    [InlineData(20, 0, 0, 0, 9)]      // resized by hand
    [InlineData(int.MaxValue / 2, 0, long.MaxValue, 0, 9)]
    public void The_size_is_decided_by_what_waits_and_who_is_idle(int routees, int ending, long waiting, int spare, int wanted) =>
        Assert.Equal(wanted, new PoolResizing(1, 9).Decide(routees, ending, waiting, spare));

    [Fact]
    public void A_pool_whose_mailboxes_are_full_before_it_would_grow_is_refused()
    {
        var sim = new Sim();
        string why = Assert.Throws<ArgumentException>(() => new Crew(sim, Options(capacity: 10))).Message;
        Assert.Contains(nameof(SpawnOptions.MailboxCapacity), why, StringComparison.Ordinal);
        Assert.Contains(nameof(PoolResizing.WaitingPerRoutee), why, StringComparison.Ordinal);
        var gate = new TaskCompletionSource();
        var crew = new Crew(sim, Options(capacity: 11)) { Gate = gate.Task };
        sim.Run();
        crew.Pool.Tell(0);
        sim.Run();
        for (int i = 1; i < 12; i++) crew.Pool.Tell(i);
        sim.Advance(1);
        Assert.Equal(2, crew.Pool.RouteeCount);
        gate.SetResult();
        sim.Run();
        // Nothing is left behind that would keep the system from stopping.
        sim.Dispatcher.Run(() => sim.System.StopAsync());

        static PoolOptions Options(int capacity) => new(1) { Resizing = new PoolResizing(1, 2), Routee = new SpawnOptions { MailboxCapacity = capacity } };
    }

    [Fact]
    public void Bounds_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolOptions(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolOptions(10_001));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(1, 10_001));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Crew(new Sim(), new PoolOptions(1)).Pool.Resize(10_001));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(1, 2) { Interval = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolResizing(1, 2) { WaitingPerRoutee = -1 });
        Assert.Contains("3", Assert.Throws<ArgumentOutOfRangeException>(() => new PoolOptions(3) { Resizing = new PoolResizing(1, 2) }).Message, StringComparison.Ordinal);
    }
}
