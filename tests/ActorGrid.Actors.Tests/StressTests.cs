namespace ActorGrid.Actors.Tests;

/// <summary>Real workers: nothing is lost, doubled or reordered, and nothing overlaps.</summary>
public sealed class StressTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private sealed record Numbered(int Sender, int Number);

    private sealed class Ball
    {
        public int Left { get; set; }
    }

    private sealed record Question(int Number, ReplyTo<int> ReplyTo);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Pairs_never_lose_a_wake_up(int workers)
    {
        const int Pairs = 16, Hops = 60_000;
        await using var dispatcher = new WorkerDispatcher(workers);
        await using var system = new ActorSystem(new ActorSystemOptions { Dispatcher = dispatcher });
        using var done = new CountdownEvent(Pairs);
        for (int i = 0; i < Pairs; i++)
        {
            ActorRef<Ball> a = null!;
            ActorRef<Ball> b = system.Spawn(() => Sim.Make<Ball>((ball, _) => { a.Tell(ball); return default; }));
            a = system.Spawn(() => Sim.Make<Ball>((ball, _) =>
            {
                if (--ball.Left == 0) done.Signal();
                else b.Tell(ball);
                return default;
            }));
            a.Tell(new Ball { Left = Hops });
        }

        Assert.True(done.Wait(Patience), $"{done.CurrentCount} of {Pairs} pairs have stopped talking.");
    }

    [Fact]
    public async Task Messages_of_each_of_many_senders_stay_in_order()
    {
        const int Senders = 6, Each = 200_000;
        await using var system = new ActorSystem();
        using var done = new CountdownEvent(1);
        int[] next = new int[Senders];
        int left = Senders * Each;
        string? wrong = null;
        ActorRef<Numbered> receiver = system.Spawn(() => Sim.Make<Numbered>((m, _) =>
        {
            if (next[m.Sender]++ != m.Number) wrong ??= $"sender {m.Sender}: got {m.Number}";
            if (--left == 0) done.Signal();
            return default;
        }));
        Task[] outside = [.. Enumerable.Range(0, Senders / 2).Select(s => Task.Run(() => Send(s)))];
        for (int s = Senders / 2; s < Senders; s++)
        {
            int sender = s;
            system.Spawn(() => Sim.Make<int>((_, _) => { Send(sender); return default; })).Tell(0);
        }

        await Task.WhenAll(outside).WaitAsync(Patience);
        Assert.True(done.Wait(Patience), $"{left} messages are missing.");
        Assert.Null(wrong);

        void Send(int sender)
        {
            for (int i = 0; i < Each; i++) receiver.Tell(new Numbered(sender, i));
        }
    }

    [Fact]
    public async Task Asynchronous_handlers_and_their_forks_never_overlap()
    {
        const int Actors = 8, Messages = 500;
        await using var system = new ActorSystem();
        using var done = new CountdownEvent(Actors * Messages);
        int overlaps = 0, reordered = 0;
        var actors = Enumerable.Range(0, Actors).Select(_ =>
        {
            int inside = 0, handling = 0, last = -1;
            return system.Spawn(() => Sim.Make<int>(async (m, _) =>
            {
                if (Interlocked.Increment(ref handling) != 1) Interlocked.Increment(ref overlaps);
                if (++last != m) Interlocked.Increment(ref reordered);
                Task fork = Fork();
                await Task.Yield();
                Touch();
                await Task.Run(static () => { });
                Touch();
                await fork;
                Interlocked.Decrement(ref handling);
                done.Signal();
            }));

            async Task Fork()
            {
                for (int i = 0; i < 3; i++)
                {
                    await Task.Run(static () => { });
                    Touch();
                }
            }

            void Touch()
            {
                if (Interlocked.Increment(ref inside) != 1) Interlocked.Increment(ref overlaps);
                Interlocked.Decrement(ref inside);
            }
        }).ToList();
        for (int i = 0; i < Messages; i++)
        {
            foreach (ActorRef<int> actor in actors) actor.Tell(i);
        }

        Assert.True(done.Wait(Patience), $"{done.CurrentCount} messages were not handled.");
        Assert.Equal(0, overlaps);
        Assert.Equal(0, reordered);
    }

    [Fact]
    public async Task A_stuck_worker_does_not_hold_up_others()
    {
        await using var dispatcher = new WorkerDispatcher(2);
        await using var system = new ActorSystem(new ActorSystemOptions { Dispatcher = dispatcher });
        using var release = new ManualResetEventSlim();
        using var stuck = new CountdownEvent(6);
        using var done = new CountdownEvent(100);
        for (int i = 0; i < 6; i++)
        {
            system.Spawn(() => Sim.Make<int>((_, c) =>
            {
                // Behind this actor, in its worker's own queue.
                c.Spawn(() => Sim.Make<int>((_, _) => { done.Signal(); return default; })).Tell(1);
                stuck.Signal();
                release.Wait(Patience);
                return default;
            })).Tell(0);
        }

        Assert.True(stuck.Wait(Patience), "No workers stood in for the stuck ones.");
        for (int i = 0; i < 94; i++) system.Spawn(() => Sim.Make<int>((_, _) => { done.Signal(); return default; })).Tell(1);
        Assert.True(done.Wait(Patience), $"{done.CurrentCount} actors waited for a stuck one.");
        Assert.InRange(dispatcher.WorkerCount, 7, 16);
        release.Set();
        await dispatcher.ObserveAsync(d => d.WorkerCount == 2).WaitAsync(Patience);
    }

    [Fact]
    public async Task Asks_from_many_sides_are_all_answered()
    {
        const int Askers = 20, Each = 1000;
        await using var system = new ActorSystem();
        ActorRef<Question> target = system.Spawn(() => Sim.Make<Question>((q, _) => { q.ReplyTo.Reply(q.Number + 1); return default; }));
        Task<long>[] sums = [.. Enumerable.Range(0, Askers).Select(_ => Task.Run(async () =>
        {
            long sum = 0;
            for (int i = 0; i < Each; i++) sum += await target.AskAsync<int>(r => new Question(i, r), Patience);
            return sum;
        }))];
        long[] all = await Task.WhenAll(sums).WaitAsync(Patience);
        Assert.All(all, sum => Assert.Equal(Each * (Each + 1L) / 2, sum));
    }

    [Fact]
    public async Task Real_deadlines_expire()
    {
        await using var system = new ActorSystem();
        ActorRef<Question> deaf = system.Spawn(() => Sim.Make<Question>((_, _) => default));
        Task<int>[] asks = [.. Enumerable.Range(0, 3000).Select(i => deaf.AskAsync<int>(r => new Question(i, r), TimeSpan.FromMilliseconds(20 + (i % 50))))];
        foreach (Task<int> ask in asks) await Assert.ThrowsAsync<AskTimeoutException>(() => ask.WaitAsync(Patience));
    }

    [Fact]
    public async Task Actors_spawned_and_stopped_from_all_sides_all_stop()
    {
        const int Each = 5000;
        await using var system = new ActorSystem();
        int starts = 0, stops = 0;
        Func<Actor<int>> factory = () => Sim.Make<int>((_, _) => default, a =>
        {
            a.OnStart = _ => { Interlocked.Increment(ref starts); return default; };
            a.OnStop = _ => { Interlocked.Increment(ref stops); return default; };
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(s => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                ActorRef<int> actor = system.Spawn(factory);
                actor.Tell(1);
                if (i % 2 == s % 2) actor.Stop();
            }
        }))).WaitAsync(Patience);
        await system.StopAsync().WaitAsync(Patience);
        Assert.Equal(4 * Each, starts);
        Assert.Equal(4 * Each, stops);
    }

    [Fact]
    public async Task A_dedicated_thread_runs_its_actors_alone_and_ends()
    {
        await using var system = new ActorSystem();
        var thread = new DedicatedThreadDispatcher("alone");
        string? ranOn = null;
        ActorRef<Question> actor = system.Spawn(
            () => Sim.Make<Question>(async (q, _) =>
            {
                await Task.Yield();
                ranOn = Thread.CurrentThread.Name;
                q.ReplyTo.Reply(1);
            }),
            options: new SpawnOptions { Dispatcher = thread });
        await actor.AskAsync<int>(r => new Question(1, r), Patience);
        Assert.Equal("alone", ranOn);
        await actor.StopAsync(Patience);
        await thread.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.False(thread.Schedule(new Nothing()));
    }

    [Fact]
    public async Task Workers_without_work_all_sleep()
    {
        await using var dispatcher = new WorkerDispatcher(3);
        await using var system = new ActorSystem(new ActorSystemOptions { Dispatcher = dispatcher });
        ActorRef<Question> actor = system.Spawn(() => Sim.Make<Question>((q, _) => { q.ReplyTo.Reply(1); return default; }));
        for (int i = 0; i < 3; i++)
        {
            await actor.AskAsync<int>(r => new Question(1, r), Patience);
            await dispatcher.ObserveAsync(d => Array.TrueForAll(d.Workers, w => w.IsAsleep)).WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task An_async_local_does_not_leak_to_the_next_actor()
    {
        var local = new AsyncLocal<string?>();
        await using var dispatcher = new WorkerDispatcher(1);
        await using var system = new ActorSystem(new ActorSystemOptions { Dispatcher = dispatcher });
        string? seen = "unset";
        ActorRef<Question> sets = system.Spawn(() => Sim.Make<Question>((q, _) => { local.Value = "leak"; q.ReplyTo.Reply(1); return default; }));
        ActorRef<Question> reads = system.Spawn(() => Sim.Make<Question>((q, _) => { seen = local.Value; q.ReplyTo.Reply(1); return default; }));
        await sets.AskAsync<int>(r => new Question(1, r), Patience);
        await reads.AskAsync<int>(r => new Question(1, r), Patience);
        Assert.Null(seen);
    }

    /// <summary>Whatever is accepted runs, however close to the end it comes; whatever is refused does not.</summary>
    [Fact]
    public async Task Work_scheduled_while_the_dispatcher_closes_runs_or_is_refused()
    {
        const int Rounds = 20, Senders = 3, AcceptedMax = 1_000_000;
        for (int round = 0; round < Rounds; round++)
        {
            var dispatcher = new WorkerDispatcher(2);
            int accepted = 0, ran = 0;
            // Each has work of its own: whether a dispatcher that has ended still holds a piece of work is asked of the piece.
            Task[] senders = [.. Enumerable.Range(0, Senders).Select(_ => new Counting(() => Interlocked.Increment(ref ran))).Select(work => Task.Factory.StartNew(
                () => { while (Volatile.Read(ref accepted) < AcceptedMax && dispatcher.Schedule(work)) Interlocked.Increment(ref accepted); },
                TaskCreationOptions.LongRunning))];
            while (Volatile.Read(ref accepted) == 0) Thread.Yield();
            await dispatcher.DisposeAsync().AsTask().WaitAsync(Patience);
            await Task.WhenAll(senders).WaitAsync(Patience);
            Assert.Equal(accepted, ran);
        }
    }

    /// <summary>However two that wait for each other meet, one of them at least is told, long before the deadline.</summary>
    [Fact]
    public async Task Actors_that_ask_each_other_at_the_same_time_never_wait_for_the_deadline()
    {
        const int Pairs = 500, Rounds = 4;
        await using var system = new ActorSystem();
        int cycles = 0;
        var actors = new ActorRef<Question>[Pairs * 2];
        for (int i = 0; i < actors.Length; i++)
        {
            int other = i ^ 1;
            actors[i] = system.Spawn(() => Sim.Make<Question>(async (q, _) =>
            {
                try
                {
                    if (q.Number > 0) await actors[other].AskAsync<int>(r => new Question(q.Number - 1, r), Patience * 10);
                }
                catch (CallCycleException)
                {
                    Interlocked.Increment(ref cycles);
                }

                q.ReplyTo.Reply(1);
            }));
        }

        await Task.Run(async () =>
        {
            for (int i = 0; i < Rounds; i++)
                await Task.WhenAll(actors.Select(actor => actor.AskAsync<int>(r => new Question(1 + (i % 2), r), Patience * 10)));
        }).WaitAsync(Patience);
        Assert.True(cycles > 0, "They never met.");
    }

    /// <summary>Asks that only ever go from the lower to the higher can come back to nobody, however many there are.</summary>
    [Fact]
    public async Task Asks_without_a_cycle_are_never_taken_for_one()
    {
        const int Actors = 12, Rounds = 4000;
        await using var system = new ActorSystem();
        var actors = new ActorRef<Question>[Actors];
        for (int i = 0; i < Actors; i++)
        {
            int me = i;
            actors[i] = system.Spawn(() => Sim.Make<Question>(async (q, c) =>
            {
                int step = 1 + (q.Number % 3);
                int sum = 1;
                if (me + step < Actors) sum += await actors[me + step].AskAsync<int>(r => new Question(q.Number / 3, r), Patience);
                // One that nobody waits for may go back.
                if (me > 0 && q.Number % 5 == 0) _ = actors[me - 1].AskAsync<int>(r => new Question(int.MaxValue, r), Patience);
                if (me + 1 < Actors && q.Number % 7 == 0) sum += await actors[me + 1].AskAsync<int>(r => new Question(1, r), Patience);
                q.ReplyTo.Reply(sum);
            }));
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            for (int i = 0; i < Rounds; i++) await actors[i % 4].AskAsync<int>(r => new Question((i * 8) + w, r), Patience);
        }))).WaitAsync(Patience);
    }

    private sealed class Counting(Action onRun) : IRunnable
    {
        public void Run() => onRun();
    }

    private sealed class Nothing : IRunnable
    {
        public void Run()
        {
        }
    }
}
