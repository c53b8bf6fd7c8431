namespace ActorGrid.Actors.Tests;

public sealed class BecomeTests
{
    private readonly Sim _sim = new();
    private readonly List<string> _log = [];

    [Fact]
    public void The_next_message_is_handled_by_what_the_actor_became_even_within_one_turn()
    {
        ActorRef<string> actor = _sim.Spawn<string>((m, c) =>
        {
            _log.Add($"first {m}");
            if (m == "become") c.Become(Log("second"));
            return default;
        });
        Tell(actor, "a", "become", "b", "c");
        Assert.Equal(["first a", "first become", "second b", "second c"], _log);
    }

    [Fact]
    public void Become_replaces_and_become_stacked_comes_back()
    {
        ActorContext<string> context = default;
        ActorRef<string> actor = _sim.Spawn<string>(Handler("own"), with: a => a.OnStart = c => { context = c; return default; });
        Tell(actor, "x", "become one", "x", "stack two", "x", "become three", "x", "back", "x", "back", "x", "back", "x");
        Assert.Equal(["own x", "one x", "two x", "three x", "True", "one x", "True", "own x", "False", "own x"], _log);

        Func<string, ActorContext<string>, ValueTask> Handler(string name) => (m, c) =>
        {
            string[] words = m.Split(' ');
            if (words[0] == "become") c.Become(next => Handler(words[1])(next, context));
            else if (words[0] == "stack") c.BecomeStacked(next => Handler(words[1])(next, context));
            else if (words[0] == "back") _log.Add(c.UnbecomeStacked().ToString());
            else _log.Add($"{name} {m}");
            return default;
        };
    }

    [Fact]
    public void The_stack_is_bounded()
    {
        int depth = 0;
        ActorRef<string> actor = _sim.Spawn<string>((_, c) =>
        {
            _log.Add(Assert.Throws<InvalidOperationException>(() => { for (; depth < 1000; depth++) c.BecomeStacked(Log("never")); }).Message);
            return default;
        }, "deep");
        Tell(actor, "fill");
        Assert.Contains("/deep", Assert.Single(_log), StringComparison.Ordinal);
        Assert.Equal(64, depth);
    }

    [Fact]
    public void A_restart_goes_back_to_the_first_behavior_and_a_resume_does_not()
    {
        Func<string, ActorContext<string>, ValueTask> own = (m, c) =>
        {
            _log.Add($"own {m}");
            if (m == "become") c.Become(next => next.StartsWith("fail", StringComparison.Ordinal) ? throw new InvalidDataException(next) : Log("other")(next));
            return default;
        };
        var sim = new Sim(o => o with { Supervision = new() { Decider = e => e.Message == "fail, go on" ? Directive.Resume : Directive.Restart } });
        ActorRef<string> actor = sim.Spawn(own);
        foreach (string m in new[] { "become", "a", "fail, go on", "b", "fail", "c" }) actor.Tell(m);
        sim.Advance(1);
        Assert.Equal(["own become", "other a", "other b", "own c"], _log);
    }

    [Fact]
    public void The_instance_keeps_its_hooks_its_children_and_its_logger()
    {
        string? logger = null;
        ActorRef<string> child = null!;
        ActorRef<string> actor = _sim.Spawn<string>(
            (_, c) => { c.Become(_ => { logger = c.Logger.GetType().Name; child.Tell("fail"); return default; }); return default; },
            with: a =>
            {
                a.Decides = SupervisionStrategy.Stopping;
                a.OnStart = c => { child = c.Spawn(() => Sim.Make<string>((_, _) => throw new InvalidDataException())); return default; };
                a.OnStop = _ => { _log.Add("stopped"); return default; };
            });
        Tell(actor, "become", "go");
        Assert.NotNull(logger);
        Assert.True(child.HasStopped);
        actor.Stop();
        _sim.Run();
        Assert.Equal(["stopped"], _log);
    }

    [Fact]
    public void Stashed_messages_are_handled_by_what_the_actor_became()
    {
        ActorRef<string> actor = _sim.Spawn<string>((m, c) =>
        {
            if (m == "open")
            {
                c.Become(Log("open"));
                c.UnstashAll();
            }
            else
            {
                c.Stash();
            }

            return default;
        });
        Tell(actor, "1", "2", "open", "3");
        Assert.Equal(["open 1", "open 2", "open 3"], _log);
    }

    [Fact]
    public void What_was_stashed_by_a_behavior_that_fails_while_it_is_pending_is_handled_by_the_new_instance()
    {
        var gate = new TaskCompletionSource();
        ActorRef<string> actor = _sim.Spawn<string>((m, c) =>
        {
            _log.Add($"own {m}");
            if (m == "become") c.Become(Other);
            return default;

            async ValueTask Other(string next)
            {
                if (next == "aside")
                {
                    c.Stash();
                    return;
                }

                await gate.Task;
                throw new InvalidDataException();
            }
        });
        Tell(actor, "become", "aside", "fail", "x");
        Assert.Equal(["own become"], _log);
        gate.SetResult();
        _sim.Advance(1);
        Assert.Equal(["own become", "own aside", "own x"], _log);
    }

    [Fact]
    public void An_actor_may_become_something_before_its_first_message_and_while_a_handler_is_pending()
    {
        var gate = new TaskCompletionSource();
        ActorRef<string> actor = _sim.Spawn<string>(
            (_, _) => throw new InvalidOperationException("never"),
            with: a => a.OnStart = c =>
            {
                c.Become(async m =>
                {
                    await gate.Task;
                    c.Become(Log("after"));
                    _log.Add($"pending {m}");
                });
                return default;
            });
        Tell(actor, "1", "2");
        Assert.Empty(_log);
        gate.SetResult();
        _sim.Run();
        Assert.Equal(["pending 1", "after 2"], _log);
    }

    private void Tell(ActorRef<string> actor, params string[] messages)
    {
        foreach (string m in messages) actor.Tell(m);
        _sim.Run();
    }

    private Func<string, ValueTask> Log(string name) => m =>
    {
        _log.Add($"{name} {m}");
        return default;
    };
}
