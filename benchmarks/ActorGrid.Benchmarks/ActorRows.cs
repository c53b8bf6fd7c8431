using System.Diagnostics;
using ActorGrid.Actors;

namespace ActorGrid.Benchmarks;

/// <summary>Local actors: tell, ping-pong, ask, spawn, memory. "Worker": the one who sends or asks is an actor; "pool": it is code on the thread pool.</summary>
internal static class ActorRows
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static void Run(Rows rows)
    {
        rows.Rate("tell 1 to 1, worker, new message", "M/s", 1e6, 5_000_000, n => TellFromWorker(n, fresh: true));
        rows.Rate("tell 1 to 1, worker, one message", "M/s", 1e6, 5_000_000, n => TellFromWorker(n, fresh: false));
        rows.Rate("tell 1 to 1, pool, new message", "M/s", 1e6, 5_000_000, n => TellFromPool(n, fresh: true));
        rows.Rate("tell 1 to 1, pool, one message", "M/s", 1e6, 5_000_000, n => TellFromPool(n, fresh: false));
        rows.Rate("tell through a pool of 4, worker, new message", "M/s", 1e6, 5_000_000, TellThroughPool);
        rows.Rate("tell 1 to 1, priority mailbox, worker, new message", "M/s", 1e6, 5_000_000, TellByPriority);
        rows.Rate("ping-pong 1 pair depth 1", "M/s", 1e6, 4_000_000, n => PingPong(n, pairs: 1, depth: 1));
        rows.Rate("ping-pong 8 pairs depth 1", "M/s", 1e6, 8_000_000, n => PingPong(n, pairs: 8, depth: 1));
        rows.Rate("ping-pong 8 pairs depth 100", "M/s", 1e6, 16_000_000, n => PingPong(n, pairs: 8, depth: 100));
        rows.Rate("ask, 1 outstanding, worker", "k/s", 1e3, 1_000_000, n => AskFromWorkers(n, 1));
        rows.Rate("ask, 1 outstanding, pool", "k/s", 1e3, 200_000, n => AskFromPool(n, 1));
        rows.Rate("ask, 1,000 outstanding, worker", "k/s", 1e3, 2_000_000, n => AskFromWorkers(n, 1000));
        rows.Rate("ask, 1,000 outstanding, pool", "k/s", 1e3, 2_000_000, n => AskFromPool(n, 1000));
        rows.Figure("spawn and start", "k/s", SpawnRate);
        rows.Figure("bytes per idle actor", "B", BytesPerIdleActor);
    }

    private static void TellFromWorker(long count, bool fresh)
    {
        using var run = new SystemRun();
        using var done = new CountdownEvent(1);
        ActorRef<Token> receiver = run.System.Spawn(() => new Counter(count, done));
        run.System.Spawn(() => new Producer(receiver, count, fresh)).Tell(new Token());
        done.Wait();
    }

    private static void TellFromPool(long count, bool fresh)
    {
        using var run = new SystemRun();
        using var done = new CountdownEvent(1);
        ActorRef<Token> receiver = run.System.Spawn(() => new Counter(count, done));
        _ = Task.Run(() =>
        {
            var one = new Token();
            for (long i = 0; i < count; i++) receiver.Tell(fresh ? new Token() : one);
        });
        done.Wait();
    }

    private static void TellThroughPool(long count)
    {
        const int Routees = 4;
        using var run = new SystemRun();
        using var done = new CountdownEvent(Routees);
        ActorRef<Token> pool = run.System.SpawnPool(() => new Counter(count / Routees, done), new PoolOptions(Routees));
        run.System.Spawn(() => new Producer(pool, count, fresh: true)).Tell(new Token());
        done.Wait();
    }

    private static void TellByPriority(long count)
    {
        using var run = new SystemRun();
        using var done = new CountdownEvent(1);
        ActorRef<Token> receiver = run.System.Spawn(() => new Counter(count, done), options: new SpawnOptions().Prioritize<Token>(2, static token => (int)(token.Left & 1)));
        run.System.Spawn(() => new Producer(receiver, count, fresh: true)).Tell(new Token());
        done.Wait();
    }

    private static void PingPong(long hops, int pairs, int depth)
    {
        using var run = new SystemRun();
        using var done = new CountdownEvent(pairs * depth);
        for (int i = 0; i < pairs; i++)
        {
            var a = new Player(done);
            var b = new Player(done);
            a.Other = run.System.Spawn(() => b);
            b.Other = run.System.Spawn(() => a);
            for (int k = 0; k < depth; k++) a.Other.Tell(new Token { Left = hops / pairs / depth });
        }

        done.Wait();
    }

    private static void AskFromWorkers(long count, int outstanding)
    {
        using var run = new SystemRun();
        using var done = new CountdownEvent(outstanding);
        ActorRef<Question> target = run.System.Spawn(() => new Answerer());
        Func<Actor<Token>> asker = () => new Asker(target, count / outstanding, done);
        var go = new Token();
        for (int i = 0; i < outstanding; i++) run.System.Spawn(asker).Tell(go);
        done.Wait();
    }

    private static void AskFromPool(long count, int outstanding)
    {
        using var run = new SystemRun();
        ActorRef<Question> target = run.System.Spawn(() => new Answerer());
        Task[] askers = [.. Enumerable.Range(0, outstanding).Select(_ => Task.Run(async () =>
        {
            for (long i = 0; i < count / outstanding; i++) await target.AskAsync<int>(static r => new Question(r), Timeout);
        }))];
        Task.WaitAll(askers);
    }

    private static double SpawnRate()
    {
        const int Count = 1_000_000;
        using var run = new SystemRun();
        using var done = new CountdownEvent(Count);
        Func<Actor<Token>> factory = () => new Starter(done);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Count; i++) run.System.Spawn(factory);
        done.Wait();
        return Count / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e3;
    }

    private static double BytesPerIdleActor()
    {
        const int Count = 500_000;
        using var run = new SystemRun();
        using var done = new CountdownEvent(Count);
        var refs = new ActorRef<Token>[Count];
        Func<Actor<Token>> factory = () => new Starter(done);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Count; i++) refs[i] = run.System.Spawn(factory);
        done.Wait();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(refs);
        return (double)(after - before) / Count;
    }

    private sealed class SystemRun : IDisposable
    {
        public ActorSystem System { get; } = new();

        public void Dispose() => System.StopAsync().Wait();
    }

    private sealed class Token
    {
        public long Left { get; set; }
    }

    private sealed record Question(ReplyTo<int> ReplyTo);

    private sealed class Counter(long count, CountdownEvent done) : Actor<Token>
    {
        private long _left = count;

        protected override ValueTask OnMessageAsync(Token message)
        {
            if (--_left == 0) done.Signal();
            return default;
        }
    }

    /// <summary>Sends in bursts, as a well-behaved actor does, and tells itself to go on.</summary>
    private sealed class Producer(ActorRef<Token> receiver, long count, bool fresh) : Actor<Token>
    {
        private const int Burst = 1000;
        private long _left = count;

        protected override ValueTask OnMessageAsync(Token message)
        {
            for (int i = 0; i < Burst && _left > 0; i++, _left--) receiver.Tell(fresh ? new Token() : message);
            if (_left > 0) Self.Tell(message);
            return default;
        }
    }

    private sealed class Player(CountdownEvent done) : Actor<Token>
    {
        public ActorRef<Token> Other { get; set; } = null!;

        protected override ValueTask OnMessageAsync(Token message)
        {
            if (--message.Left <= 0) done.Signal();
            else Other.Tell(message);
            return default;
        }
    }

    private sealed class Answerer : Actor<Question>
    {
        protected override ValueTask OnMessageAsync(Question message)
        {
            message.ReplyTo.Reply(1);
            return default;
        }
    }

    private sealed class Asker(ActorRef<Question> target, long count, CountdownEvent done) : Actor<Token>
    {
        protected override async ValueTask OnMessageAsync(Token message)
        {
            for (long i = 0; i < count; i++) await target.AskAsync<int>(static r => new Question(r), Timeout);
            done.Signal();
        }
    }

    private sealed class Starter(CountdownEvent done) : Actor<Token>
    {
        protected override ValueTask OnStartAsync()
        {
            done.Signal();
            return default;
        }

        protected override ValueTask OnMessageAsync(Token message) => default;
    }
}
