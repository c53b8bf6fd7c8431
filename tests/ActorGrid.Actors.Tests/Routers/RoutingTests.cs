using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Actors.Tests;

/// <summary>Who gets which message.</summary>
public sealed class RoutingTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    /// <summary>A pool whose routees append their number, in the order in which they were made, to a list.</summary>
    private sealed class Crew<T>
    {
        private readonly Sim _sim;
        private int _made;

        public Crew(Sim sim, int routees, Routing<T> routing)
        {
            _sim = sim;
            Pool = sim.System.SpawnPool<T>(Make, new PoolOptions(routees), "crew", routing);
        }

        public PoolRef<T> Pool { get; }

        public List<int> Got { get; } = [];

        /// <summary>Which messages stop whoever gets them.</summary>
        public Func<T, bool> IsDeadly { get; init; } = _ => false;

        public List<int> Send(IEnumerable<T> messages)
        {
            Got.Clear();
            foreach (T message in messages) Pool.Tell(message);
            _sim.Run();
            return [.. Got];
        }

        private Scripted<T> Make()
        {
            int me = _made++;
            return Sim.Make<T>((m, c) =>
            {
                Got.Add(me);
                if (IsDeadly(m)) c.StopSelf();
                return default;
            });
        }
    }

    /// <summary>Every window of as many messages as all weights together holds each routee exactly as often as it weighs.</summary>
    [Fact]
    public void Weights_are_kept_exactly_in_every_round() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            int[] weights = [.. bytes.Take(6).Append((byte)3).Select(b => 1 + (b % 100))];
            int round = weights.Sum();
            var crew = new Crew<int>(new Sim(), weights.Length, Routing<int>.Weighted(weights));
            List<int> order = InOrderOfSending(crew, round * 2);
            return Enumerable.Range(0, round).Where(start => start % 7 == 0).All(start =>
                weights.Select((weight, routee) => order.Skip(start).Take(round).Count(one => one == routee) == weight).All(kept => kept));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Weighted_turns_are_mixed_and_routees_beyond_the_list_weigh_one()
    {
        var crew = new Crew<int>(new Sim(), 3, Routing<int>.Weighted(4, 2));
        Assert.Equal([0, 1, 0, 2, 0, 1, 0], InOrderOfSending(crew, 7));
    }

    [Fact]
    public void Weights_stay_with_their_routees_when_one_stops()
    {
        var crew = new Crew<int>(new Sim(), 3, Routing<int>.Weighted(9, 1, 4)) { IsDeadly = m => m < 0 };
        Assert.Equal([0], crew.Send([-1]));
        List<int> order = InOrderOfSending(crew, 60);
        Assert.Equal(12, order.Count(one => one == 1));
        Assert.Equal(48, order.Count(one => one == 2));
    }

    [Fact]
    public void Weights_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Routing<int>.Weighted(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Routing<int>.Weighted(101));
    }

    [Fact]
    public void Chance_reaches_all_alike_and_comes_from_the_seed_of_the_system()
    {
        List<int> first = Draw(seed: 7), again = Draw(seed: 7), other = Draw(seed: 8);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.All(Enumerable.Range(0, 4), routee => Assert.InRange(first.Count(one => one == routee), 900, 1100));

        static List<int> Draw(int seed) => InOrderOfSending(new Crew<int>(new Sim(o => o with { Seed = seed }), 4, Routing<int>.Random), 4000);
    }

    [Fact]
    public void The_smallest_mailbox_gets_the_message_and_whoever_is_idle_first()
    {
        var sim = new Sim();
        var gates = new Dictionary<int, TaskCompletionSource>();
        var got = new List<int>();
        int made = 0;
        ActorRef<int> pool = sim.System.SpawnPool(
            () =>
            {
                int me = made++;
                return Sim.Make<int>(async (_, _) =>
                {
                    got.Add(me);
                    if (gates.TryGetValue(me, out TaskCompletionSource? gate)) await gate.Task;
                });
            },
            new PoolOptions(3), routing: Routing<int>.SmallestMailbox);
        sim.Run();
        gates[0] = new TaskCompletionSource();
        gates[1] = new TaskCompletionSource();
        for (int i = 0; i < 3; i++) pool.Tell(i);
        sim.Run();
        Assert.Equal([0, 1, 2], got.Order());
        got.Clear();
        // 0 and 1 are busy, though nothing waits for them.
        for (int i = 0; i < 10; i++)
        {
            pool.Tell(i);
            sim.Run();
        }

        Assert.Equal(Enumerable.Repeat(2, 10), got);
        got.Clear();
        // Nobody runs: what waits is spread evenly.
        gates[2] = new TaskCompletionSource();
        pool.Tell(0);
        sim.Run();
        for (int i = 0; i < 9; i++) pool.Tell(i);
        foreach (TaskCompletionSource gate in gates.Values) gate.SetResult();
        gates.Clear();
        got.Clear();
        sim.Run();
        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2], got.Order());
    }

    [Fact]
    public void Messages_of_one_key_go_to_one_routee_in_order()
    {
        var sim = new Sim();
        var seen = new Dictionary<string, (int Routee, int Last)>();
        int made = 0, wrong = 0;
        ActorRef<(string Key, int Number)> pool = sim.System.SpawnPool(
            () =>
            {
                int me = made++;
                return Sim.Make<(string Key, int Number)>((m, _) =>
                {
                    if (seen.TryGetValue(m.Key, out var before) && before != (me, m.Number - 1)) wrong++;
                    seen[m.Key] = (me, m.Number);
                    return default;
                });
            },
            new PoolOptions(5), routing: Routing<(string Key, int Number)>.ConsistentHash(m => m.Key));
        for (int i = 0; i < 20; i++)
        {
            foreach (string key in new[] { "a", "b", "c", "d", "e", "f", "g" }) pool.Tell((key, i));
        }

        sim.Run();
        Assert.Equal(7, seen.Count);
        Assert.Equal(0, wrong);
        Assert.True(seen.Values.Select(s => s.Routee).Distinct().Count() > 1);
    }

    /// <summary>Two processes, of two versions perhaps, must agree.</summary>
    [Fact]
    public void Keys_have_their_routees_for_ever()
    {
        var byText = new Crew<string>(new Sim(), 4, Routing<string>.ConsistentHash(m => m));
        string[] names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
        Assert.Equal([0, 0, 3, 1, 3, 1, 1, 0], names.Select(name => byText.Send([name]).Single()));
        var byNumber = new Crew<int>(new Sim(), 4, Routing<int>.ConsistentHash(m => m));
        Assert.Equal([0, 1, 2, 3, 2, 0, 3, 3], Enumerable.Range(0, 8).Select(number => byNumber.Send([number]).Single()));
    }

    /// <summary>Of n routees each has about 1/n of the keys; when one comes or goes, exactly the keys that it gets or had move.</summary>
    [Fact]
    public void About_one_nth_of_the_keys_moves_and_no_other() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte>(), ArbMap.Default.ArbFor<int>(), (size, salt) =>
        {
            const int Keys = 4000;
            int routees = 2 + (size % 15);
            var sim = new Sim();
            var crew = new Crew<int>(sim, routees, Routing<int>.ConsistentHash(m => m == int.MinValue ? 0L : (long)m * ((2L * salt) + 1))) { IsDeadly = m => m == int.MinValue };
            sim.Run();
            List<int> before = Owners();
            crew.Pool.Resize(routees + 1);
            sim.Run();
            List<int> grown = Owners();
            bool onlyToTheNew = before.Zip(grown).All(pair => pair.First == pair.Second || pair.Second == routees);
            double moved = before.Zip(grown).Count(pair => pair.First != pair.Second) * (routees + 1.0) / Keys;
            int gone = crew.Send([int.MinValue]).Single();
            List<int> shrunk = Owners();
            bool onlyOfTheGone = grown.Zip(shrunk).All(pair => (pair.First == gone) == (pair.First != pair.Second));
            return onlyToTheNew && onlyOfTheGone && moved is > 0.7 and < 1.3;

            List<int> Owners() => InOrderOfSending(crew, Keys);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    [Fact]
    public void What_has_no_key_is_the_senders_fault()
    {
        var crew = new Crew<string>(new Sim(), 2, Routing<string>.ConsistentHash(m => m.Length == 0 ? null! : m == "bad" ? throw new FormatException() : m));
        Assert.Contains("key", Assert.Throws<InvalidOperationException>(() => crew.Pool.Tell("")).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => crew.Pool.TryTell("bad"));
        Assert.IsType<FormatException>(crew.Pool.AskAsync<int>(_ => "bad", OneSecond).Exception!.InnerException);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void When_the_last_routee_is_gone_messages_are_dead_letters_and_asks_fail(string name)
    {
        var sim = new Sim();
        var crew = new Crew<string>(sim, 3, Named(name)) { IsDeadly = m => m.StartsWith("die", StringComparison.Ordinal) };
        // Several keys, so that the hash reaches all.
        for (int i = 0; crew.Pool.RouteeCount > 0; i++) crew.Send([$"die {i}"]);
        long before = sim.System.DeadLetters.Count;
        crew.Pool.Tell("late");
        Assert.Equal(before + 1, sim.System.DeadLetters.Count);
        Assert.False(crew.Pool.TryTell("late"));
        Exception why = crew.Pool.AskAsync<int>(_ => "late", OneSecond).Exception!.InnerException!;
        if (name != "broadcast") Assert.Equal("/crew", Assert.IsType<ActorStoppedException>(why).Path);
        Assert.False(crew.Pool.HasStopped);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void All_routees_get_something_and_none_that_has_stopped(string name)
    {
        var sim = new Sim();
        var crew = new Crew<string>(sim, 3, Named(name)) { IsDeadly = m => m == "die" };
        Assert.Equal([0, 1, 2], crew.Send(Enumerable.Range(0, 100).Select(i => $"{i}")).Distinct().Order());
        List<int> gone = crew.Send(["die"]);
        Assert.Equal(3 - gone.Count, crew.Pool.RouteeCount);
        Assert.Equal(Enumerable.Range(0, 3).Except(gone), crew.Send(Enumerable.Range(0, 100).Select(i => $"{i}")).Distinct().Order());
        Assert.Equal(0, sim.System.DeadLetters.Count - (gone.Count == 3 ? 100 : 0));
    }

    /// <summary>A message costs its envelope, and no strategy adds to that.</summary>
    [Theory]
    [MemberData(nameof(Picking))]
    public void Choosing_allocates_nothing(string name)
    {
        const int Messages = 2000;
        var sim = new Sim();
        ActorRef<string> direct = sim.Spawn<string>((_, _) => default);
        ActorRef<string> pool = sim.System.SpawnPool(() => Sim.Make<string>((_, _) => default), new PoolOptions(4), routing: Named(name));
        sim.Run();
        Allocated(pool);
        sim.Run();
        Allocated(direct);
        sim.Run();
        long plain = Allocated(direct), routed = Allocated(pool);
        Assert.InRange(routed - plain, long.MinValue, Messages);    // less than a byte each

        long Allocated(ActorRef<string> target)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages; i++) target.Tell("message");
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    public static TheoryData<string> Picking => ["round-robin", "random", "weighted", "smallest-mailbox", "consistent-hash"];

    public static TheoryData<string> All => ["round-robin", "random", "weighted", "smallest-mailbox", "consistent-hash", "broadcast", "scatter-gather"];

    private static Routing<string> Named(string name) => name switch
    {
        "round-robin" => Routing<string>.RoundRobin,
        "random" => Routing<string>.Random,
        "weighted" => Routing<string>.Weighted(3, 2, 1),
        "smallest-mailbox" => Routing<string>.SmallestMailbox,
        "consistent-hash" => Routing<string>.ConsistentHash(m => m),
        "broadcast" => Routing<string>.Broadcast,
        _ => Routing<string>.ScatterGather,
    };

    /// <summary>Who got the messages 0 and up, each handled before the next is sent.</summary>
    private static List<int> InOrderOfSending(Crew<int> crew, int count) => [.. Enumerable.Range(0, count).SelectMany(number => crew.Send([number]))];
}
