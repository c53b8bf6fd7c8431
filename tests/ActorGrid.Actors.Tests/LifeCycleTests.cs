namespace ActorGrid.Actors.Tests;

public sealed class LifeCycleTests
{
    [Fact]
    public void Stop_ends_after_the_message_at_hand_children_first()
    {
        var sim = new Sim();
        var log = new List<string>();
        ActorRef<int> actor = sim.Spawn<int>(
            (m, c) => { log.Add($"got {m}"); c.StopSelf(); return default; },
            with: a =>
            {
                a.OnStart = c =>
                {
                    c.Spawn(() => Sim.Make<int>((_, _) => default, child => child.OnStop = _ => { log.Add("child stop"); return default; }));
                    return default;
                };
                a.OnStop = _ => { log.Add("stop"); return default; };
            });
        actor.Tell(1);
        actor.Tell(2);
        sim.Run();
        Assert.Equal(["got 1", "child stop", "stop"], log);
        Assert.Equal(1, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void Graceful_stop_handles_what_is_queued_first()
    {
        var sim = new Sim();
        var got = new List<int>();
        ActorRef<int> actor = sim.Spawn<int>((m, _) => { got.Add(m); return default; });
        for (int i = 0; i < 1000; i++) actor.Tell(i);
        Task stopped = actor.StopAsync(TimeSpan.FromSeconds(1));
        actor.Tell(-1);
        sim.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal(Enumerable.Range(0, 1000), got);
        Assert.Equal(1, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void Graceful_stop_has_a_deadline()
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = sim.Spawn<int>(async (_, _) => await gate.Task);
        actor.Tell(1);
        actor.Tell(2);
        Task stopped = actor.StopAsync(TimeSpan.FromSeconds(1));
        sim.Advance(1);
        gate.SetResult();
        sim.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal(1, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void The_system_stops_all_and_takes_no_new_actors()
    {
        var sim = new Sim();
        int stops = 0;
        for (int i = 0; i < 10; i++) sim.Spawn<int>((_, _) => default, with: a => a.OnStop = _ => { stops++; return default; });
        sim.Run();
        sim.Dispatcher.Run(() => sim.System.StopAsync());
        Assert.Equal(10, stops);
        Assert.Throws<InvalidOperationException>(() => sim.Spawn<int>((_, _) => default));
        sim.Dispatcher.Run(() => sim.System.StopAsync());
    }

    [Fact]
    public void An_actor_that_stops_asynchronously_is_waited_for()
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        sim.Spawn<int>((_, _) => default, with: a => a.OnStop = async _ => await gate.Task);
        Task stop = sim.Dispatcher.Start(() => sim.System.StopAsync());
        sim.Run();
        Assert.False(stop.IsCompleted);
        gate.SetResult();
        sim.Run();
        Assert.True(stop.IsCompletedSuccessfully);
    }

    [Fact]
    public void Names_are_unique_until_freed_and_make_the_path()
    {
        var sim = new Sim();
        ActorRef<int> a = sim.Spawn<int>((_, _) => default, "a");
        Assert.Equal("/a", a.Path);
        Assert.Throws<InvalidOperationException>(() => sim.Spawn<int>((_, _) => default, "a"));
        Assert.Throws<ArgumentException>(() => sim.Spawn<int>((_, _) => default, "a/b"));
        Assert.Throws<ArgumentException>(() => sim.Spawn<int>((_, _) => default, ""));
        a.Stop();
        sim.Run();
        Assert.Equal("/a", sim.Spawn<int>((_, _) => default, "a").Path);
    }

    [Fact]
    public void A_watcher_is_told_after_the_messages_of_the_watched()
    {
        var sim = new Sim();
        var log = new List<string>();
        ActorRef<ActorRef<string>> watched = null!;
        ActorRef<string> watcher = sim.Spawn<string>(
            (m, _) => { log.Add(m); return default; },
            with: a => a.OnStart = c => { c.Watch(watched, "gone"); return default; });
        watched = sim.Spawn<ActorRef<string>>((to, c) => { to.Tell("last words"); c.StopSelf(); return default; });
        sim.Run();
        watched.Tell(watcher);
        sim.Run();
        Assert.Equal(["last words", "gone"], log);
    }

    [Fact]
    public void Watching_a_stopped_actor_tells_at_once_and_unwatching_takes_a_sent_message_back()
    {
        var sim = new Sim();
        var log = new List<string>();
        ActorRef<int> dead = sim.Spawn<int>((_, _) => default);
        dead.Stop();
        sim.Run();
        ActorRef<string> watcher = sim.Spawn<string>((m, c) =>
        {
            log.Add(m);
            if (m == "watch") c.Watch(dead, "gone");
            if (m == "unwatch") c.Unwatch(dead);
            return default;
        });
        watcher.Tell("watch");
        sim.Run();
        Assert.Equal(["watch", "gone"], log);
        log.Clear();
        watcher.Tell("watch");
        watcher.Tell("unwatch");
        sim.Run();
        Assert.Equal(["watch", "unwatch"], log);
    }

    [Fact]
    public void A_context_used_outside_the_actor_is_refused()
    {
        var sim = new Sim();
        ActorContext<int> leaked = default;
        sim.Spawn<int>((_, _) => default, "leaky", with: a => a.OnStart = c => { leaked = c; return default; });
        sim.Run();
        Assert.Contains("/leaky", Assert.Throws<InvalidOperationException>(() => leaked.StopSelf()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_factory_that_returns_an_instance_twice_is_found_out()
    {
        var sim = new Sim();
        var failures = 0;
        Scripted<int> one = Sim.Make<int>((_, _) => default);
        ActorRef<int> first = sim.System.Spawn(() => one);
        ActorRef<int> second = sim.System.Spawn<int>(() => { failures++; return one; });
        sim.Advance(60);
        Assert.False(first.HasStopped);
        Assert.True(second.HasStopped);
        Assert.Equal(11, failures);
    }

    [Fact]
    public void Stashed_messages_come_back_in_order_before_the_rest()
    {
        var sim = new Sim();
        var got = new List<string>();
        bool open = false;
        ActorRef<string> actor = sim.Spawn<string>((m, c) =>
        {
            if (m == "open") { open = true; c.UnstashAll(); }
            else if (!open) c.Stash();
            else got.Add(m);
            return default;
        });
        foreach (string m in new[] { "1", "2", "open", "3" }) actor.Tell(m);
        sim.Run();
        Assert.Equal(["1", "2", "3"], got);
    }

    [Fact]
    public void Stash_is_bounded_refuses_doubles_and_survives_a_restart()
    {
        var sim = new Sim();
        var log = new List<string>();
        int life = 0;
        ActorRef<string> actor = sim.Spawn<string>(
            (m, c) =>
            {
                if (life > 1) { log.Add(m); return default; }
                if (m == "fail") throw new InvalidDataException();
                c.Stash();
                if (m == "twice") log.Add(Assert.Throws<InvalidOperationException>(() => c.Stash()).Message.Contains("twice", StringComparison.Ordinal).ToString());
                return default;
            },
            options: new SpawnOptions { StashCapacity = 2 }, with: _ => life++);
        foreach (string m in new[] { "1", "twice", "full" }) actor.Tell(m);
        sim.Advance(1);
        Assert.Equal(["True", "1", "twice"], log);
        Assert.Equal(2, life);
    }

    [Fact]
    public void A_message_both_stashed_and_unstashed_stays_stashed()
    {
        var sim = new Sim();
        int seen = 0;
        ActorRef<int> actor = sim.Spawn<int>((_, c) => { seen++; c.Stash(); c.UnstashAll(); return default; });
        actor.Tell(1);
        sim.Run();
        Assert.Equal(1, seen);
    }

    [Fact]
    public void A_full_mailbox_drops_or_fails_the_sender_as_set()
    {
        var sim = new Sim();
        var got = new List<int>();
        ActorRef<int> drops = sim.Spawn<int>((m, _) => { got.Add(m); return default; }, options: new SpawnOptions { MailboxCapacity = 2 });
        ActorRef<int> fails = sim.Spawn<int>((_, _) => default, options: new SpawnOptions { MailboxCapacity = 1, Overflow = MailboxOverflow.FailSender });
        for (int i = 0; i < 5; i++) drops.Tell(i);
        Assert.Equal(3, sim.System.DeadLetters.Count);
        Assert.False(drops.TryTell(9));
        Assert.IsType<MailboxFullException>(drops.AskAsync<int>(_ => 9, TimeSpan.FromSeconds(1)).Exception!.InnerException);
        fails.Tell(1);
        Assert.Equal(1, Assert.Throws<MailboxFullException>(() => fails.Tell(2)).Capacity);
        sim.Run();
        Assert.Equal([0, 1], got);
        Assert.True(drops.TryTell(5));
        sim.Run();
        Assert.Equal([0, 1, 5], got);
    }

    [Fact]
    public void The_message_that_is_being_handled_takes_no_place_in_the_mailbox()
    {
        var sim = new Sim();
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = sim.Spawn<int>(async (_, _) => await gate.Task, options: new SpawnOptions { MailboxCapacity = 1 });
        Assert.True(actor.TryTell(1));
        Assert.False(actor.TryTell(2));
        sim.Run();
        Assert.True(actor.TryTell(2));
        Assert.False(actor.TryTell(3));
    }

    [Fact]
    public void A_pool_hands_out_in_turn_and_leaves_out_routees_that_stopped()
    {
        var sim = new Sim();
        var got = new List<int>();
        int made = 0;
        ActorRef<string> pool = sim.System.SpawnPool(
            () =>
            {
                int me = made++;
                return Sim.Make<string>((m, _) => m == "fail" ? throw new InvalidDataException() : Add(me));
            },
            new PoolOptions(3) { Supervision = SupervisionStrategy.Stopping }, "pool");
        for (int i = 0; i < 6; i++) pool.Tell("work");
        sim.Run();
        Assert.Equal([0, 0, 1, 1, 2, 2], got.Order());
        pool.Tell("fail");
        sim.Run();
        got.Clear();
        for (int i = 0; i < 6; i++) pool.Tell("work");
        sim.Run();
        Assert.Equal(6, got.Count);
        Assert.Equal(2, got.Distinct().Count());
        pool.Stop();
        sim.Run();
        pool.Tell("late");
        Assert.Equal(1, sim.System.DeadLetters.Count);

        ValueTask Add(int me)
        {
            got.Add(me);
            return default;
        }
    }

    [Fact]
    public void Dead_letters_are_shown_to_observers_until_they_leave()
    {
        var sim = new Sim();
        var seen = new List<DeadLetter>();
        ActorRef<string> dead = sim.Spawn<string>((_, _) => default, "dead");
        dead.Stop();
        sim.Run();
        using (sim.System.Events.Subscribe<DeadLetter>(seen.Add)) dead.Tell("hello");
        dead.Tell("unseen");
        Assert.Equal([new DeadLetter("hello", "/dead", DeadLetterReason.Stopped)], seen);
        Assert.Equal(2, sim.System.DeadLetters.Count);
    }
}
