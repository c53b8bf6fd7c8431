namespace ActorGrid.Actors.Tests;

public sealed class DescriptionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Sim _sim = new(o => o with { Supervision = new SupervisionStrategy { Backoff = new Backoff { First = TimeSpan.FromSeconds(1), Jitter = 0 } } });

    private sealed class Clerk(Func<string, Task> handle, Func<Task>? start = null) : Actor<string>
    {
        protected override ValueTask OnStartAsync() => new(start?.Invoke() ?? Task.CompletedTask);

        protected override ValueTask OnMessageAsync(string message)
        {
            if (message == "stash") Context.Stash();
            else if (message == "become") Context.Become(_ => new ValueTask(handle(message)));
            else if (message == "fail") throw new InvalidDataException();
            else if (message == "spawn") Context.Spawn(() => new Clerk(handle), "child0");
            else return new ValueTask(handle(message));
            return default;
        }
    }

    [Fact]
    public void It_tells_of_each_actor_what_it_is_and_what_it_does()
    {
        var never = new TaskCompletionSource();
        ActorRef<string> idle = Spawn("idle"), handling = Spawn("handling"), suspended = Spawn("suspended"), stashing = Spawn("stashing"), became = Spawn("became"), parent = Spawn("parent");
        _sim.System.Spawn(() => new Clerk(_ => never.Task, () => never.Task), "starting").Tell("early");
        Assert.Equal(ActorState.Starting, Of("idle").State);
        Tell(handling, "1", "2", "3");
        Tell(suspended, "fail", "1", "2");
        Tell(stashing, "stash", "stash");
        Tell(became, "become", "1", "2");
        Tell(parent, "spawn");
        _sim.Run();
        handling.Tell("4");
        Assert.Equal(new ActorDescription("/idle", "Clerk", ActorState.Running, 0, 0, 0, 0, Of("idle").Children), Of("idle"));
        Assert.Equal((ActorState.Handling, 3), (Of("handling").State, Of("handling").Queue));
        Assert.Equal((ActorState.Suspended, 2), (Of("suspended").State, Of("suspended").Queue));
        Assert.Equal((ActorState.Running, 0, 2), (Of("stashing").State, Of("stashing").Queue, Of("stashing").Stashed));
        Assert.Equal((ActorState.Handling, 1, "Clerk"), (Of("became").State, Of("became").Queue, Of("became").Class));
        Assert.Equal((ActorState.Starting, 1), (Of("starting").State, Of("starting").Queue));
        Assert.Equal((1, "/parent/child0"), (Of("parent").ChildCount, Of("parent").Children[0].Path));

        _sim.Advance(1);
        Assert.Equal((ActorState.Handling, 1, 1), (Of("suspended").State, Of("suspended").Queue, Of("suspended").Restarts));
        handling.Stop();
        idle.Stop();
        idle.Tell("late");
        _sim.Run();
        Assert.Equal(ActorState.Handling, Of("handling").State);
        Assert.DoesNotContain(_sim.System.Describe().Children, actor => actor.Path == "/idle");

        ActorRef<string> Spawn(string name) => _sim.System.Spawn(() => new Clerk(_ => never.Task), name);
    }

    [Fact]
    public void What_waits_in_a_priority_mailbox_is_counted()
    {
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = _sim.Spawn<int>((_, _) => new ValueTask(gate.Task), "urgent", new SpawnOptions().Prioritize<int>(4, m => m));
        for (int i = 0; i < 4; i++) actor.Tell(i);
        _sim.Run();
        actor.Tell(0);
        Assert.Equal((ActorState.Handling, 4), (Of("urgent").State, Of("urgent").Queue));
        gate.SetResult();
        _sim.Run();
        Assert.Equal((ActorState.Running, 0), (Of("urgent").State, Of("urgent").Queue));
    }

    [Fact]
    public void Restarting_and_stopping_show_as_long_as_they_take()
    {
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = _sim.Spawn<int>((_, _) => throw new InvalidDataException(), "slow", with: a =>
        {
            a.OnRestart = async (_, _) => await gate.Task;
            a.OnStop = async _ => await gate.Task;
        });
        actor.Tell(1);
        _sim.Advance(1);
        Assert.Equal(ActorState.Restarting, Of("slow").State);
        gate.SetResult();
        _sim.Run();
        Assert.Equal(ActorState.Running, Of("slow").State);
        gate = new TaskCompletionSource();
        actor.Stop();
        _sim.Run();
        Assert.Equal(ActorState.Stopping, Of("slow").State);
        gate.SetResult();
        _sim.Run();
        Assert.Empty(_sim.System.Describe().Children);
    }

    [Fact]
    public void As_text_it_is_a_tree()
    {
        var never = new TaskCompletionSource();
        ActorRef<string> a = _sim.System.Spawn(() => new Clerk(_ => never.Task), "a");
        _sim.System.Spawn(() => new Clerk(_ => never.Task), "b");
        Tell(a, "fail");
        _sim.Advance(1);
        Tell(a, "spawn", "stash", "1", "2", "3");
        _sim.Run();
        Assert.Equal(
            """
            / Root, running
              /a Clerk, handling, 2 queued, 1 stashed, 1 restart
                /a/child0 Clerk, running
              /b Clerk, running

            """.ReplaceLineEndings("\n"),
            _sim.System.Describe().ToString());
        Assert.Equal("/ Root, running, 2 children not shown\n", _sim.System.Describe(1).ToString());
    }

    [Fact]
    public void It_is_bounded_level_by_level_and_the_oldest_first()
    {
        ActorRef<string>[] actors = [.. Enumerable.Range(0, 10).Select(i => _sim.System.Spawn(() => new Clerk(_ => Task.CompletedTask), $"{i}"))];
        foreach (ActorRef<string> actor in actors) Tell(actor, "spawn");
        actors[0].Stop();
        actors[4].Stop();
        _sim.Run();
        ActorDescription root = _sim.System.Describe(12);
        Assert.Equal(["/1", "/2", "/3", "/5", "/6", "/7", "/8", "/9"], root.Children.Select(actor => actor.Path));
        Assert.Equal([1, 1, 1, 0, 0, 0, 0, 0], root.Children.Select(actor => actor.Children.Count));
        Assert.All(root.Children, actor => Assert.Equal(1, actor.ChildCount));
        Assert.Equal(["/1", "/2"], _sim.System.Describe(3).Children.Select(actor => actor.Path));
        Assert.Throws<ArgumentOutOfRangeException>(() => _sim.System.Describe(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _sim.System.Describe(100_001));
    }

    [Fact]
    public void Those_with_a_name_of_their_own_come_before_those_with_a_made_up_one()
    {
        for (int i = 0; i < 20; i++)
        {
            _sim.System.Spawn(() => new Clerk(_ => Task.CompletedTask));
            if (i % 10 == 5) _sim.System.Spawn(() => new Clerk(_ => Task.CompletedTask), $"mine-{i}");
        }
        ActorDescription root = _sim.System.Describe(6);
        Assert.Equal(["/mine-5", "/mine-15"], root.Children.Take(2).Select(actor => actor.Path));
        Assert.Equal(_sim.System.Describe().Children.Skip(2).Take(3).Select(actor => actor.Path), root.Children.Skip(2).Select(actor => actor.Path));
        Assert.All(root.Children.Skip(2), actor => Assert.StartsWith("/$", actor.Path, StringComparison.Ordinal));
        Assert.Equal(22, root.ChildCount);
        Assert.Equal(["/mine-5"], _sim.System.Describe(2).Children.Select(actor => actor.Path));
        Assert.Equal(22, _sim.System.Describe().Children.Select(actor => actor.Path).Distinct().Count());
    }

    [Fact]
    public void A_long_queue_is_counted_up_to_a_bound()
    {
        ActorRef<int> actor = _sim.Spawn<int>((_, _) => default, "busy");
        for (int i = 0; i < 100_001; i++) actor.Tell(i);
        Assert.Equal(100_000, Of("busy").Queue);
    }

    [Fact]
    public async Task An_actor_that_is_stuck_in_its_code_is_described_and_holds_nothing_up()
    {
        await using var system = new ActorSystem();
        using var release = new ManualResetEventSlim();
        using var stuck = new ManualResetEventSlim();
        ActorRef<int> actor = system.Spawn(() => Sim.Make<int>((_, _) => { stuck.Set(); release.Wait(Patience); return default; }), "stuck");
        actor.Tell(0);
        Assert.True(stuck.Wait(Patience));
        for (int i = 0; i < 1000; i++) actor.Tell(i);
        ActorDescription described = Assert.Single(system.Describe().Children);
        Assert.Equal((ActorState.Handling, 1000), (described.State, described.Queue));
        release.Set();
    }

    [Fact]
    public async Task It_is_safe_while_everything_runs()
    {
        const int Actors = 50, Rounds = 300;
        await using var system = new ActorSystem();
        bool stop = false;
        Func<Actor<int>> leaf = () => Sim.Make<int>((_, c) => { c.StopSelf(); return default; });
        for (int i = 0; i < Actors; i++)
        {
            ActorRef<int> actor = null!;
            int asides = 0;
            actor = system.Spawn(() => Sim.Make<int>(async (m, c) =>
            {
                if (m < 0)
                {
                    if (++asides % 2 == 0) c.Stash();
                    return;
                }

                if (m % 3 == 0) c.Spawn(leaf).Tell(1);
                if (m % 5 == 0) actor.Tell(-m);
                if (m % 7 == 0) c.UnstashAll();
                if (m % 11 == 0) await Task.Yield();
                if (!Volatile.Read(ref stop)) actor.Tell(m + 1);
                if (m % 1013 == 0) throw new InvalidDataException();
            }));
            actor.Tell(1);
            actor.Tell(2);
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                ActorDescription root = system.Describe(200);
                Assert.True(Count(root) <= 200);
                Assert.NotEmpty(root.ToString());
            }
        }))).WaitAsync(Patience);
        Volatile.Write(ref stop, true);

        static int Count(ActorDescription actor) => 1 + actor.Children.Sum(Count);
    }

    private static void Tell(ActorRef<string> actor, params string[] messages)
    {
        foreach (string m in messages) actor.Tell(m);
    }

    private ActorDescription Of(string name) => _sim.System.Describe().Children.Single(actor => actor.Path == "/" + name);
}
