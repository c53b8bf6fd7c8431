namespace ActorGrid.Actors.Tests;

public sealed class CallCycleTests
{
    private const double Grace = 0.5, AlmostGrace = 0.499, Rest = 0.001;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Sim _sim = new();
    private readonly List<string> _cycles = [];

    /// <summary>A message that brings along what its receiver does about it.</summary>
    private sealed record Call(Func<ActorContext<Call>, ReplyTo<int>, Task> Do, ReplyTo<int> Reply);

    [Fact]
    public void A_chain_that_comes_back_to_one_who_waits_in_it_fails_when_all_have_stood_still_for_the_time_of_grace()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        Task<int> outer = Start(a, (_, reply) => Pass(reply, b, (_, r) => Pass(r, a, Answer)));
        _sim.Advance(AlmostGrace);
        Assert.Empty(_cycles);
        _sim.Advance(Rest);
        Assert.Equal(["/b /a /b"], _cycles);
        Assert.Equal(-1, Got(outer));
    }

    [Fact]
    public void A_long_chain_names_all_in_order()
    {
        ActorRef<Call>[] actors = [.. Enumerable.Range(0, 6).Select(i => Spawn($"{i}"))];
        Task<int> outer = Start(actors[0], Next(1));
        _sim.Advance(Grace);
        Assert.Equal(["/5 /2 /3 /4 /5"], _cycles);
        Assert.Equal(-1, Got(outer));

        Func<ActorContext<Call>, ReplyTo<int>, Task> Next(int i) => (_, reply) => i < 6 ? Pass(reply, actors[i], Next(i + 1)) : Pass(reply, actors[2], Answer);
    }

    [Fact]
    public void An_unhandled_cycle_fails_the_handler_and_so_those_who_wait_for_it()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        Task<int> outer = Start(a, async (_, reply) => reply.Reply(await Ask(b, async (_, r) => r.Reply(await Ask(a, Answer)))));
        _sim.Advance(Grace);
        var top = Assert.IsType<ActorFailedException>(outer.Exception!.InnerException);
        var middle = Assert.IsType<ActorFailedException>(top.InnerException);
        Assert.Equal(["/b", "/a", "/b"], Assert.IsType<CallCycleException>(middle.InnerException).Cycle);
    }

    [Fact]
    public void Who_awaits_itself_is_told()
    {
        ActorRef<Call> a = Spawn("a");
        Task<int> outer = Start(a, (_, reply) => Pass(reply, a, Answer));
        _sim.Advance(Grace);
        Assert.Equal(["/a /a"], _cycles);
        Assert.Equal(-1, Got(outer));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Actors_that_ask_in_a_circle_independently_are_told_and_the_rest_go_on(int count)
    {
        var actors = new ActorRef<Call>[count];
        for (int i = 0; i < count; i++) actors[i] = Spawn($"{i}");
        Task<int>[] outer = [.. Enumerable.Range(0, count).Select(i => Start(actors[i], (_, reply) => Pass(reply, actors[(i + 1) % count], Answer)))];
        _sim.Advance(Grace);
        Assert.Equal([$"/{count - 1} {string.Join(' ', Enumerable.Range(0, count).Select(i => $"/{i}"))}"], _cycles);
        Assert.Equal([.. Enumerable.Repeat(1, count - 1), -1], outer.Select(Got));
    }

    [Fact]
    public void An_asynchronous_method_in_between_hides_nothing()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        Task<int> outer = Start(a, async (_, reply) => reply.Reply(await ThroughAsync()));
        _sim.Advance(Grace);
        Assert.Equal(["/b /a /b"], _cycles);
        Assert.Equal(-1, Got(outer));

        async Task<int> ThroughAsync()
        {
            await Task.Yield();
            return await Ask(b, (_, r) => Pass(r, a, Answer));
        }
    }

    [Fact]
    public void A_child_that_asks_its_parent_at_its_start_while_that_waits_for_it_is_told()
    {
        Func<ActorRef<Call>, Actor<Call>> child = parent => Sim.Make<Call>((call, c) => new ValueTask(call.Do(c, call.Reply)), a => a.OnStart = async _ => await TryAsync(parent, Answer));
        ActorRef<Call> parent = Spawn("parent");
        Task<int> outer = Start(parent, (c, reply) => Pass(reply, c.Spawn(() => child(c.Self), "child"), Answer));
        _sim.Advance(Grace);
        Assert.Equal(["/parent/child /parent /parent/child"], _cycles);
        Assert.Equal(1, Got(outer));
    }

    [Fact]
    public void A_chain_through_a_priority_mailbox_is_told()
    {
        ActorRef<Call> a = Spawn("a");
        ActorRef<Call> b = _sim.Spawn<Call>((call, c) => new ValueTask(call.Do(c, call.Reply)), "b", new SpawnOptions().Prioritize<Call>(2, _ => 1));
        // What keeps b busy comes together with the ask that closes the circle, which is in a lane by then.
        Task<int> outer = Start(a, (_, reply) => Pass(reply, b, Answer));
        b.Tell(new Call(async (_, r) => await TryAsync(a, Answer), default));
        ActorRef<Call> c = Spawn("c");
        _ = Start(c, (_, reply) => Pass(reply, b, Answer));
        _sim.Advance(Grace);
        Assert.Equal(["/b /a /b"], _cycles);
        Assert.Equal(1, Got(outer));
    }

    [Fact]
    public void A_routee_that_asks_back_is_told()
    {
        ActorRef<Call> owner = Spawn("owner");
        ActorRef<Call> pool = _sim.System.SpawnPool(() => Sim.Make<Call>((call, c) => new ValueTask(call.Do(c, call.Reply))), new PoolOptions(2), "pool");
        Task<int> outer = Start(owner, (_, reply) => Pass(reply, pool, (_, r) => Pass(r, owner, Answer)));
        _sim.Advance(Grace);
        string routee = Assert.Single(_cycles).Split(' ')[0];
        Assert.StartsWith("/pool/", routee, StringComparison.Ordinal);
        Assert.Equal($"{routee} /owner {routee}", _cycles[0]);
        Assert.Equal(-1, Got(outer));
    }

    [Fact]
    public void An_ask_that_is_not_awaited_holds_nobody_up()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        var gate = new TaskCompletionSource();
        Task<int> answer = null!;
        Task<int> outer = Start(a, async (_, reply) =>
        {
            answer = Ask(b, (_, r) => Pass(r, a, Answer));
            await gate.Task;
            reply.Reply(7);
        });
        AssertNoCycle(gate, 7, outer, AlmostGrace);
        Assert.Equal(1, Got(answer));
    }

    /// <summary>The one false alarm: it cannot be told from a wait.</summary>
    [Fact]
    public void An_ask_that_is_not_awaited_counts_if_its_actor_does_nothing_else_for_the_whole_time()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        var gate = new TaskCompletionSource();
        Task<int> outer = Start(a, async (context, reply) =>
        {
            _ = Ask(b, (_, r) => Pass(r, a, Answer));
            await gate.Task;
            reply.Reply(7);
        });
        _sim.Advance(Grace);
        Assert.Equal(["/b /a /b"], _cycles);
        gate.SetResult();
        _sim.Run();
        Assert.Equal(7, Got(outer));
    }

    [Fact]
    public void An_actor_that_does_something_now_and_then_waits_for_nobody()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        Task<int> answer = null!;
        Task<int> outer = Start(a, async (c, reply) =>
        {
            answer = Ask(b, (_, r) => Pass(r, a, Answer));
            for (int i = 0; i < 10; i++) await Task.Delay(TimeSpan.FromSeconds(0.4), c.Time);
            reply.Reply(7);
        });
        _sim.Advance(5);
        Assert.Empty(_cycles);
        Assert.Equal(7, Got(outer));
        Assert.Equal(1, Got(answer));
    }

    [Fact]
    public void Only_the_last_ask_counts()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b"), c = Spawn("c");
        var gate = new TaskCompletionSource();
        Task<int> outer = Start(a, async (context, reply) =>
        {
            _ = Ask(b, (_, r) => Pass(r, a, Answer));
            reply.Reply(await Ask(c, async (_, r) =>
            {
                await gate.Task;
                r.Reply(7);
            }));
        });
        AssertNoCycle(gate, 7, outer);
    }

    [Fact]
    public void What_was_asked_before_a_message_was_put_aside_does_not_count_when_it_is_handled_again()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        TaskCompletionSource back = new(), gate = new();
        int times = 0;
        Task<int> outer = Start(a, (c, reply) =>
        {
            if (times++ > 0) return LaterAsync(reply);
            _ = Ask(b, async (_, r) =>
            {
                await back.Task;
                await Pass(r, a, Answer);
            });
            c.Stash();
            return Task.CompletedTask;
        });
        a.Tell(new Call((c, _) => { c.UnstashAll(); return Task.CompletedTask; }, default));
        _sim.Run();
        back.SetResult();
        AssertNoCycle(gate, 7, outer);
        Assert.Equal(2, times);

        async Task LaterAsync(ReplyTo<int> reply)
        {
            await gate.Task;
            reply.Reply(7);
        }
    }

    [Fact]
    public void An_ask_that_is_awaited_after_another_task_counts_from_then_on()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        var gate = new TaskCompletionSource();
        Task<int> outer = Start(a, async (_, reply) =>
        {
            Task<int> answer = Ask(b, (_, r) => Pass(r, a, Answer));
            await gate.Task;
            reply.Reply(await NotedAsync(answer));
        });
        _sim.Advance(0.3);
        gate.SetResult();
        _sim.Advance(AlmostGrace);
        Assert.Empty(_cycles);
        _sim.Advance(Rest);
        Assert.Equal(["/a /b /a"], _cycles);
        Assert.Equal(-1, Got(outer));
    }

    [Fact]
    public void An_ask_that_was_piped_holds_nobody_up_on_either_side()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        var gate = new TaskCompletionSource();
        Task<int> outer = Start(a, async (c, reply) =>
        {
            c.PipeToSelf(ThroughAsync(), value => new Call((_, _) => { reply.Reply(value); return Task.CompletedTask; }, default), e => throw e);
            await gate.Task;
        });
        AssertNoCycle(gate, 1, outer);

        // B pipes what it asks of A, and so A gets its answer first.
        outer = Start(a, (_, reply) => Pass(reply, b, (c, r) =>
        {
            c.PipeToSelf(Ask(a, Answer), value => new Call((_, _) => { r.Reply(value + 1); return Task.CompletedTask; }, default), e => throw e);
            r.Reply(5);
            return Task.CompletedTask;
        }));
        _sim.Advance(10);
        Assert.Empty(_cycles);
        Assert.Equal(5, Got(outer));

        async Task<int> ThroughAsync() => await Ask(b, (_, r) => Pass(r, a, Answer));
    }

    [Fact]
    public void An_ask_that_is_only_one_of_two_ways_on_holds_nobody_up_if_the_other_is_quick()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        var gate = new TaskCompletionSource();
        Task<int> outer = Start(a, async (_, reply) =>
        {
            await Task.WhenAny(Ask(b, (_, r) => Pass(r, a, Answer)), gate.Task);
            reply.Reply(7);
        });
        AssertNoCycle(gate, 7, outer, AlmostGrace);
    }

    [Fact]
    public void An_ask_that_was_answered_holds_nobody_up_though_its_handler_goes_on()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        var gate = new TaskCompletionSource();
        Task<int> outer = Start(a, async (_, reply) =>
        {
            await Ask(b, Answer);
            await gate.Task;
            reply.Reply(7);
        });
        _sim.Run();
        Task<int> other = Start(b, (_, reply) => Pass(reply, a, Answer));
        AssertNoCycle(gate, 7, outer);
        Assert.Equal(1, Got(other));

        // Nor does one that B answered before it asks back.
        gate = new TaskCompletionSource();
        outer = Start(a, (_, reply) => Pass(reply, b, async (_, r) =>
        {
            r.Reply(3);
            await TryAsync(a, Answer);
        }));
        AssertNoCycle(gate, 3, outer);
    }

    [Fact]
    public void An_ask_whose_reply_slot_was_kept_for_later_does_not_wait_for_what_its_keeper_does_since()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        ReplyTo<int> kept = default;
        Task<int> outer = Start(a, (_, reply) => Pass(reply, b, (_, r) => { kept = r; return Task.CompletedTask; }));
        _sim.Run();
        Task<int> other = Start(b, (_, reply) => Pass(reply, a, Answer));
        _sim.Advance(10);
        Assert.Empty(_cycles);
        kept.Reply(9);
        _sim.Run();
        Assert.Empty(_cycles);
        Assert.Equal(9, Got(outer));
        Assert.Equal(1, Got(other));
    }

    [Fact]
    public void An_ask_that_may_be_cancelled_is_left_to_its_token_and_its_deadline()
    {
        ActorRef<Call> a = Spawn("a"), b = Spawn("b");
        using var cancel = new CancellationTokenSource();
        Task<int> outer = Start(a, async (_, reply) =>
        {
            try
            {
                await b.AskAsync<int>(r => new Call((_, r2) => Pass(r2, a, Answer), r), Minute, cancel.Token);
            }
            catch (OperationCanceledException)
            {
                reply.Reply(7);
            }
        });
        _sim.Advance(10);
        Assert.Empty(_cycles);
        cancel.Cancel();
        _sim.Run();
        Assert.Equal(7, Got(outer));
    }

    private static Task Answer(ActorContext<Call> context, ReplyTo<int> reply)
    {
        reply.Reply(1);
        return Task.CompletedTask;
    }

    private static Task<int> Ask(ActorRef<Call> who, Func<ActorContext<Call>, ReplyTo<int>, Task> what) => who.AskAsync<int>(r => new Call(what, r), Minute);

    private ActorRef<Call> Spawn(string name) => _sim.Spawn<Call>((call, c) => new ValueTask(call.Do(c, call.Reply)), name);

    private Task<int> Start(ActorRef<Call> who, Func<ActorContext<Call>, ReplyTo<int>, Task> what) => _sim.Dispatcher.Start(() => Ask(who, what));

    private int Got(Task<int> ask) => _sim.Dispatcher.Run(() => ask);

    /// <summary>Replies with what another replies; a cycle is noted, and -1 in its place.</summary>
    private async Task Pass(ReplyTo<int> reply, ActorRef<Call> who, Func<ActorContext<Call>, ReplyTo<int>, Task> what) => reply.Reply(await TryAsync(who, what));

    private Task<int> TryAsync(ActorRef<Call> who, Func<ActorContext<Call>, ReplyTo<int>, Task> what) => NotedAsync(Ask(who, what));

    private async Task<int> NotedAsync(Task<int> ask)
    {
        try
        {
            return await ask;
        }
        catch (CallCycleException e)
        {
            _cycles.Add(string.Join(' ', e.Cycle));
            return -1;
        }
    }

    private void AssertNoCycle(TaskCompletionSource gate, int expected, Task<int> outer, double seconds = 10)
    {
        _sim.Advance(seconds);
        Assert.Empty(_cycles);
        gate.SetResult();
        _sim.Advance(10);
        Assert.Empty(_cycles);
        Assert.Equal(expected, Got(outer));
    }
}
