namespace ActorGrid.Actors.Tests;

public sealed class SupervisionTests
{
    private static readonly Backoff OneSecond = new() { First = TimeSpan.FromSeconds(1), Max = TimeSpan.FromSeconds(60), Jitter = 0 };

    /// <summary>A parent with children that append what they get to a log, and throw on "fail".</summary>
    private sealed class Family
    {
        private readonly Sim _sim;

        public Family(Sim sim, SupervisionStrategy strategy, SupervisionStrategy? above = null, int children = 1)
        {
            _sim = sim;
            ActorRef<string> top = sim.Spawn<string>((_, _) => default, "top", with: a =>
            {
                a.Decides = above ?? SupervisionStrategy.Stopping;
                a.OnStart = c =>
                {
                    Parent = c.Spawn(() => Sim.Make<string>((_, _) => default, p =>
                    {
                        p.Decides = strategy;
                        p.OnStart = pc =>
                        {
                            Log.Add("parent start");
                            Children.Clear();
                            for (int i = 0; i < children; i++) Children.Add(pc.Spawn(() => Child(), $"child{i}"));
                            return default;
                        };
                        p.OnStop = _ => { Log.Add("parent stop"); return default; };
                    }), "parent");
                    return default;
                };
            });
            Top = top;
            sim.Run();
            Log.Clear();
        }

        public ActorRef<string> Top { get; }

        public ActorRef<string> Parent { get; private set; } = null!;

        public List<ActorRef<string>> Children { get; } = [];

        public List<string> Log { get; } = [];

        public int Instances { get; private set; }

        public void Send(params string[] messages)
        {
            foreach (string m in messages) Children[0].Tell(m);
            _sim.Run();
        }

        private Scripted<string> Child()
        {
            int instance = ++Instances;
            return Sim.Make<string>(
                (m, _) =>
                {
                    if (m == "fail") throw new InvalidDataException("told to");
                    Log.Add($"{instance}: {m}");
                    return default;
                },
                a =>
                {
                    a.OnRestart = (e, _) => { Log.Add($"{instance} restart: {e.Message}"); return default; };
                    a.OnStop = _ => { Log.Add($"{instance} stop"); return default; };
                });
        }
    }

    [Fact]
    public void Resume_keeps_the_instance_and_drops_the_message()
    {
        var family = new Family(new Sim(), SupervisionStrategy.Resuming);
        family.Send("a", "fail", "b");
        Assert.Equal(["1: a", "1: b"], family.Log);
    }

    [Fact]
    public void Restart_makes_a_new_instance_after_the_backoff_and_keeps_the_mailbox()
    {
        var sim = new Sim();
        var family = new Family(sim, new SupervisionStrategy { Backoff = OneSecond });
        family.Send("a", "fail", "b");
        Assert.Equal(["1: a"], family.Log);
        sim.Advance(0.999);
        Assert.Single(family.Log);
        sim.Advance(0.001);
        Assert.Equal(["1: a", "1 restart: told to", "2: b"], family.Log);
    }

    [Fact]
    public void Too_many_restarts_in_the_window_stop_the_child()
    {
        var sim = new Sim();
        var family = new Family(sim, new SupervisionStrategy { Backoff = Backoff.None, RestartsMax = 2, Window = TimeSpan.FromSeconds(10) });
        family.Send("fail", "fail");
        Assert.False(family.Children[0].HasStopped);
        sim.Advance(11);
        family.Send("fail", "fail");
        Assert.False(family.Children[0].HasStopped);
        family.Send("fail", "late");
        Assert.True(family.Children[0].HasStopped);
        Assert.Equal(1, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void Stop_stops_the_child()
    {
        var family = new Family(new Sim(), SupervisionStrategy.Stopping);
        family.Send("fail");
        Assert.Equal(["1 stop"], family.Log);
        Assert.True(family.Children[0].HasStopped);
        Assert.False(family.Parent.HasStopped);
    }

    [Fact]
    public void Escalate_fails_the_parent_whose_restart_replaces_its_children()
    {
        var family = new Family(new Sim(), SupervisionStrategy.Escalating, new SupervisionStrategy { Backoff = Backoff.None });
        family.Send("fail");
        Assert.Equal(["1 stop", "parent stop", "parent start"], family.Log);
        family.Send("a");
        Assert.Equal("2: a", family.Log[^1]);
    }

    [Fact]
    public void Escalate_resumed_above_resumes_the_child_too()
    {
        var family = new Family(new Sim(), SupervisionStrategy.Escalating, SupervisionStrategy.Resuming);
        family.Send("fail", "a");
        Assert.Equal(["1: a"], family.Log);
    }

    [Fact]
    public void All_for_one_restarts_the_siblings()
    {
        var family = new Family(new Sim(), new SupervisionStrategy { Backoff = Backoff.None, Scope = SupervisionScope.AllForOne }, children: 3);
        family.Send("fail");
        Assert.Equal(6, family.Instances);
        Assert.Equal(3, family.Log.Count(l => l.EndsWith("restart: told to", StringComparison.Ordinal)));
    }

    [Fact]
    public void All_for_one_stops_the_siblings()
    {
        var family = new Family(new Sim(), SupervisionStrategy.Stopping with { Scope = SupervisionScope.AllForOne }, children: 3);
        family.Send("fail");
        Assert.All(family.Children, c => Assert.True(c.HasStopped));
    }

    [Theory]
    [InlineData(0, new[] { 2, 2, 1, 1, 1 })]
    [InlineData(2, new[] { 1, 1, 2, 2, 1 })]
    [InlineData(4, new[] { 1, 1, 1, 1, 2 })]
    public void All_for_one_concerns_the_group_of_the_failed_child(int failed, int[] lives)
    {
        string?[] groups = ["disk", "disk", null, null, "net"];
        int[] started = new int[groups.Length];
        var sim = new Sim();
        var children = new List<ActorRef<string>>();
        sim.Spawn<string>((_, _) => default, with: a =>
        {
            a.Decides = new SupervisionStrategy { Backoff = Backoff.None, Scope = SupervisionScope.AllForOne };
            a.OnStart = c =>
            {
                for (int i = 0; i < groups.Length; i++)
                {
                    int me = i;
                    children.Add(c.Spawn(
                        () => Sim.Make<string>((_, _) => throw new InvalidDataException(), child => child.OnStart = _ => { started[me]++; return default; }),
                        options: new SpawnOptions { Group = groups[i] }));
                }

                return default;
            };
        });
        sim.Run();
        children[failed].Tell("fail");
        sim.Run();
        Assert.Equal(lives, started);
    }

    [Fact]
    public void A_constructor_that_throws_is_a_failure_and_is_tried_again()
    {
        var sim = new Sim();
        int tries = 0;
        var got = new List<int>();
        ActorRef<int> actor = sim.System.Spawn<int>(() => ++tries < 3 ? throw new InvalidDataException() : Sim.Make<int>((m, _) => { got.Add(m); return default; }));
        actor.Tell(7);
        sim.Advance(1);
        Assert.Equal(3, tries);
        Assert.Equal([7], got);
    }

    [Fact]
    public void A_strategy_that_throws_stops_the_child()
    {
        var family = new Family(new Sim(), new SupervisionStrategy { Decider = _ => throw new InvalidOperationException() });
        family.Send("fail");
        Assert.True(family.Children[0].HasStopped);
    }

    [Fact]
    public void An_asynchronous_handler_that_fails_is_supervised()
    {
        var sim = new Sim();
        int starts = 0;
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = sim.Spawn<int>(
            async (m, _) =>
            {
                await gate.Task;
                if (m == 1) throw new InvalidDataException();
            },
            with: _ => starts++);
        actor.Tell(1);
        actor.Tell(2);
        sim.Run();
        gate.SetResult();
        sim.Advance(1);
        Assert.Equal(2, starts);
    }

    [Fact]
    public void What_throws_beside_a_pending_handler_fails_the_actor_when_that_ends()
    {
        var sim = new Sim();
        int starts = 0;
        var gate = new TaskCompletionSource();
        var log = new List<string>();
        ActorRef<int> actor = sim.Spawn<int>(
            async (_, c) =>
            {
                c.PipeToSelf(Task.FromException<int>(new InvalidDataException()), r => r, _ => throw new InvalidOperationException());
                await gate.Task;
                log.Add("handled");
            },
            with: _ => starts++);
        actor.Tell(1);
        sim.Run();
        Assert.Equal(1, starts);
        gate.SetResult();
        sim.Advance(1);
        Assert.Equal(["handled"], log);
        Assert.Equal(2, starts);
    }
}
