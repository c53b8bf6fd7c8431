namespace ActorGrid.Actors.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    [Fact]
    public void Timers_fire_at_their_time_and_in_due_order()
    {
        var sim = new Sim();
        var log = new List<string>();
        sim.Spawn<string>(
            (m, c) => { log.Add($"{m} {c.Time.GetElapsedTime(0).TotalSeconds}"); return default; },
            with: a => a.OnStart = c =>
            {
                c.Timers.StartOnce("late", OneSecond * 5, "late");
                c.Timers.StartOnce("early", OneSecond, "early");
                c.Timers.StartPeriodic("tick", OneSecond * 2, "tick");
                return default;
            });
        sim.Advance(6);
        Assert.Equal(["early 1", "tick 2", "tick 4", "late 5", "tick 6"], log);
    }

    [Fact]
    public void A_cancelled_or_replaced_timer_delivers_nothing_even_if_its_message_waits_already()
    {
        var sim = new Sim();
        var got = new List<string>();
        var gate = new TaskCompletionSource();
        ActorRef<string> actor = sim.Spawn<string>(
            async (m, c) =>
            {
                got.Add(m);
                if (m != "wait") return;
                await gate.Task;
                Assert.True(c.Timers.IsRunning("a"));
                Assert.True(c.Timers.Cancel("a"));
                Assert.False(c.Timers.Cancel("a"));
                c.Timers.StartOnce("b", OneSecond, "new b");
            },
            with: a => a.OnStart = c =>
            {
                c.Timers.StartOnce("a", OneSecond, "a");
                c.Timers.StartOnce("b", OneSecond, "old b");
                return default;
            });
        actor.Tell("wait");
        sim.Advance(1);
        gate.SetResult();
        sim.Advance(10);
        Assert.Equal(["wait", "new b"], got);
    }

    [Fact]
    public void Timers_end_with_their_instance_and_with_the_actor()
    {
        var sim = new Sim();
        var got = new List<string>();
        int life = 0;
        ActorRef<string> actor = sim.Spawn<string>(
            (m, _) => { got.Add(m); return m == "fail" ? throw new InvalidDataException() : default; },
            with: a =>
            {
                if (++life == 1) a.OnStart = c => { c.Timers.StartPeriodic("tick", OneSecond, "tick"); return default; };
            });
        actor.Tell("fail");
        sim.Advance(10);
        Assert.Equal(["fail"], got);
        ActorRef<string> other = sim.Spawn<string>((_, _) => default, with: a => a.OnStart = c => { c.Timers.StartPeriodic("tick", OneSecond, "tick"); return default; });
        sim.Advance(3);
        other.Stop();
        sim.Advance(10);
        Assert.Equal(0, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void A_slow_actor_does_not_gather_ticks()
    {
        var sim = new Sim();
        int ticks = 0;
        var gate = new TaskCompletionSource();
        sim.Spawn<string>(
            async (_, _) => { ticks++; await gate.Task; },
            with: a => a.OnStart = c => { c.Timers.StartPeriodic("tick", OneSecond, "tick"); return default; });
        sim.Advance(100);
        Assert.Equal(1, ticks);
        gate.SetResult();
        sim.Run();
        Assert.Equal(2, ticks);
    }

    [Fact]
    public void Deadlines_expire_exactly_in_order_and_not_when_done()
    {
        var sim = new Sim();
        var random = new Random(7);
        var expired = new List<int>();
        var deadlines = Enumerable.Range(0, 5000).Select(_ => new Recorded(random.Next(1, 100_000), random.Next(3) == 0, expired, sim)).ToList();
        foreach (Recorded d in deadlines) sim.System.Deadlines.Add(d, TimeSpan.FromMilliseconds(d.At));
        sim.Advance(100);
        Assert.Equal(deadlines.Where(d => !d.IsDone).Select(d => d.At).Order(), expired);
        Assert.All(deadlines, d => Assert.True(d.IsDone || d.ExpiredAt == d.At));
    }

    [Fact]
    public async Task Disposal_abandons_every_open_deadline_once_and_what_is_added_later_at_once()
    {
        const int Count = 5000;
        var sim = new Sim();
        var deadlines = new Deadlines(sim.Clock, sim.Dispatcher);
        int[] abandoned = new int[Count + 1];
        int expired = 0;
        for (int i = 0; i < Count; i++) Add(i, i % 10 == 0 ? OneSecond : OneSecond * 100);
        sim.Advance(1);
        await deadlines.DisposeAsync();
        await deadlines.DisposeAsync();
        Add(Count, TimeSpan.Zero);
        sim.Advance(1000);
        Assert.Equal(Count / 10, expired);
        Assert.All(abandoned, (times, i) => Assert.Equal(i < Count && i % 10 == 0 ? 0 : 1, times));

        void Add(int i, TimeSpan delay) => deadlines.Add(new Counted(() => expired++, () => abandoned[i]++), delay);
    }

    [Fact]
    public void Piped_results_and_failures_arrive_as_messages()
    {
        var sim = new Sim();
        var got = new List<string>();
        var result = new TaskCompletionSource<int>();
        ActorRef<string> actor = sim.Spawn<string>((m, c) =>
        {
            got.Add(m);
            if (m != "go") return default;
            c.PipeToSelf(result.Task, r => $"result {r}", e => e.Message);
            c.PipeToSelf(Task.FromException<int>(new InvalidDataException("bad")), r => $"result {r}", e => e.Message);
            return default;
        });
        actor.Tell("go");
        actor.Tell("not held up");
        sim.Run();
        result.SetResult(5);
        sim.Run();
        Assert.Equal(["bad", "go", "not held up", "result 5"], got.Order());
    }

    private sealed class Counted(Action onExpire, Action onAbandon) : IDeadline
    {
        public bool IsDone => false;

        public void Expire() => onExpire();

        public void Abandon() => onAbandon();
    }

    private sealed class Recorded(int at, bool isDone, List<int> expired, Sim sim) : IDeadline
    {
        public int At => at;

        public double ExpiredAt { get; private set; }

        public bool IsDone => isDone;

        public void Expire()
        {
            ExpiredAt = Math.Round(sim.Clock.GetElapsedTime(0).TotalMilliseconds);
            expired.Add(at);
        }
    }
}
