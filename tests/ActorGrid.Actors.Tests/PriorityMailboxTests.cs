using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Actors.Tests;

/// <summary>Mailboxes with levels: the most urgent first, and one after another within a level.</summary>
public sealed class PriorityMailboxTests
{
    private static readonly SpawnOptions TensFirst = new SpawnOptions().Prioritize<int>(4, m => m / 10);

    private readonly Sim _sim = new();

    /// <summary>What was handled, in order.</summary>
    private readonly List<int> _got = [];

    private sealed record Numbered(int Sender, int Number, int Level);

    [Fact]
    public void What_waits_is_handled_by_level_and_within_one_in_order() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var sim = new Sim();
            var handled = new List<(int Level, int Number)>();
            // 32 levels and what is beyond them, on both sides.
            ActorRef<(int Level, int Number)> actor = sim.Spawn<(int Level, int Number)>(
                (m, _) => { handled.Add(m); return default; }, options: new SpawnOptions().Prioritize<(int Level, int Number)>(32, m => m.Level));
            (int Level, int Number)[] sent = [.. bytes.Select((b, number) => ((b % 40) - 4, number))];
            foreach (var one in sent) actor.Tell(one);
            sim.Run();
            return handled.SequenceEqual(sent.OrderBy(one => Math.Clamp(one.Level, 0, 31)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_comes_meanwhile_overtakes_what_is_less_urgent()
    {
        ActorRef<int> actor = _sim.Spawn<int>(
            (m, c) =>
            {
                _got.Add(m);
                if (m is 20) c.Self.Tell(1);
                if (m is 21) c.Self.Tell(10);
                return default;
            },
            options: TensFirst);
        foreach (int m in new[] { 20, 21, 22, 30 }) actor.Tell(m);
        _sim.Run();
        Assert.Equal([20, 1, 21, 10, 22, 30], _got);
    }

    /// <summary>A turn ends long before all is handled; others get theirs in between, and what comes then is judged by its level, too.</summary>
    [Fact]
    public void More_than_a_turn_of_messages_is_handled()
    {
        ActorRef<int> actor = Listing(TensFirst);
        for (int i = 0; i < 1000; i++) actor.Tell(20);
        ActorRef<int> other = _sim.Spawn<int>((_, _) => { actor.Tell(0); return default; });
        other.Tell(0);
        _sim.Run();
        Assert.Equal(1001, _got.Count);
        Assert.InRange(_got.IndexOf(0), 1, 300);
    }

    [Fact]
    public void An_asynchronous_handler_and_a_failed_one_hold_nothing_back()
    {
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = _sim.Spawn<int>(
            async (m, _) =>
            {
                _got.Add(m);
                if (m == 1) await gate.Task;
                if (m == 10) throw new InvalidDataException();
            },
            options: TensFirst);
        foreach (int m in new[] { 30, 1, 20, 10 }) actor.Tell(m);
        _sim.Run();
        Assert.Equal([1], _got);
        actor.Tell(2);
        gate.SetResult();
        _sim.Run();
        Assert.Equal([1, 2, 10], _got);
        actor.Tell(3);
        _sim.Advance(1);
        Assert.Equal([1, 2, 10, 3, 20, 30], _got);
    }

    /// <summary>Whatever is sent, stashed and unstashed, and however often it fails and is restarted: each message is handled to its end once, or once and failed.</summary>
    [Fact]
    public void Nothing_is_lost_by_stash_restart_and_turns() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), steps =>
        {
            var sim = new Sim();
            var ended = new List<int>();
            var stashed = new HashSet<int>();
            ActorRef<(int Number, byte Step)> actor = sim.Spawn<(int Number, byte Step)>(
                (m, c) =>
                {
                    if (m.Step % 5 == 1 && stashed.Add(m.Number))
                    {
                        c.Stash();
                        return default;
                    }

                    ended.Add(m.Number);
                    if (m.Step % 5 == 2) c.UnstashAll();
                    if (m.Step % 5 == 3) throw new InvalidDataException();
                    return default;
                },
                options: new SpawnOptions { MailboxCapacity = 10_000 }.Prioritize<(int Number, byte Step)>(3, m => m.Step % 3),
                with: a => a.OnStart = c => { c.UnstashAll(); return default; });
            for (int i = 0; i < steps.Length; i++)
            {
                actor.Tell((i, steps[i]));
                if (steps[i] > 200) sim.Run();
                if (steps[i] > 230) sim.Advance(100);
            }

            sim.Advance(100);
            actor.Tell((steps.Length, 2));
            sim.Advance(100);
            // At most ten restarts in a minute are allowed: who stops for them has made dead letters of the rest.
            return ended.Distinct().Count() == ended.Count && ended.Count + sim.System.DeadLetters.Count == steps.Length + 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Unstashed_messages_go_to_the_front_of_their_level_in_their_order()
    {
        ActorRef<int> actor = Stashing(TensFirst, c =>
        {
            c.Self.Tell(0);
            c.Self.Tell(23);
        });
        foreach (int m in new[] { 21, 10, 22, 39 }) actor.Tell(m);
        _sim.Run();
        Assert.Equal([0, 10, 21, 22, 23], _got);
    }

    [Fact]
    public void A_message_is_judged_once_and_keeps_its_level_in_the_stash()
    {
        int judged = 0;
        ActorRef<int> actor = Stashing(new SpawnOptions().Prioritize<int>(4, m => judged++ < 5 ? m / 10 : m == 30 ? 0 : 3));
        foreach (int m in new[] { 30, 11, 20, 10, 39 }) actor.Tell(m);
        _sim.Run();
        Assert.Equal([11, 10, 20, 30], _got);
        Assert.Equal(5, judged);
    }

    [Fact]
    public void A_bound_counts_what_waits_on_all_levels()
    {
        ActorRef<int> actor = Listing(TensFirst with { MailboxCapacity = 2 });
        actor.Tell(30);
        actor.Tell(20);
        Assert.False(actor.TryTell(0));
        _sim.Run();
        Assert.Equal([20, 30], _got);
        Assert.True(actor.TryTell(0));
        Assert.True(actor.TryTell(0));
        Assert.False(actor.TryTell(0));
    }

    [Fact]
    public void The_end_of_a_watched_actor_comes_after_everything_that_it_sent()
    {
        ActorRef<ActorRef<int>> watched = _sim.Spawn<ActorRef<int>>((to, c) =>
        {
            foreach (int m in new[] { 30, 0, 31, 10 }) to.Tell(m);
            c.StopSelf();
            return default;
        });
        // By its own level the end, 5, would be the first.
        ActorRef<int> watcher = _sim.Spawn<int>((m, _) => { _got.Add(m); return default; }, options: TensFirst, with: a => a.OnStart = c => { c.Watch(watched, 5); return default; });
        _sim.Run();
        watched.Tell(watcher);
        _sim.Run();
        Assert.Equal([0, 10, 30, 31, 5], _got);
    }

    [Fact]
    public void Timers_go_by_the_level_of_their_message()
    {
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = _sim.Spawn<int>(
            async (m, c) =>
            {
                _got.Add(m);
                if (m == 1) await gate.Task;
                if (m == 2) c.Timers.Cancel("cancelled");
            },
            options: TensFirst,
            with: a => a.OnStart = c =>
            {
                c.Timers.StartOnce("late", TimeSpan.FromSeconds(1), 35);
                c.Timers.StartOnce("early", TimeSpan.FromSeconds(1), 2);
                c.Timers.StartOnce("cancelled", TimeSpan.FromSeconds(1), 11);
                return default;
            });
        actor.Tell(1);
        actor.Tell(20);
        _sim.Advance(1);
        gate.SetResult();
        _sim.Run();
        Assert.Equal([1, 2, 20, 35], _got);
    }

    [Fact]
    public void A_stop_that_lets_the_mailbox_be_handled_comes_after_all_of_it_and_a_plain_one_buries_all_of_it()
    {
        ActorRef<int> drained = Listing(TensFirst);
        foreach (int m in new[] { 30, 0, 20 }) drained.Tell(m);
        Task stopped = drained.StopAsync(TimeSpan.FromSeconds(1));
        drained.Tell(31);
        drained.Tell(1);
        _sim.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal([0, 1, 20, 30], _got);
        Assert.Equal(1, _sim.System.DeadLetters.Count);

        ActorRef<int> stopsAtOnce = _sim.Spawn<int>((_, c) => { c.StopSelf(); return default; }, options: TensFirst);
        foreach (int m in new[] { 30, 0, 20, 31 }) stopsAtOnce.Tell(m);
        _sim.Run();
        Assert.Equal(4, _sim.System.DeadLetters.Count);
    }

    [Fact]
    public void Where_the_function_throws_the_message_is_the_least_urgent_and_that_is_logged_once()
    {
        using var log = new TestLog();
        var sim = new Sim(o => o with { LoggerFactory = log });
        var got = new List<int>();
        ActorRef<int> actor = sim.Spawn<int>(
            (m, _) => { got.Add(m); return default; }, "judge", new SpawnOptions().Prioritize<int>(2, m => m == 7 ? throw new InvalidDataException() : 0));
        foreach (int m in new[] { 1, 7, 7, 2 }) actor.Tell(m);
        sim.Run();
        Assert.Equal([1, 2, 7, 7], got);
        Assert.Contains("/judge", Assert.Single(log.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public void Priorities_are_for_the_messages_that_the_actor_understands_or_a_base_of_them()
    {
        var sim = new Sim();
        var forObjects = new SpawnOptions().Prioritize<object>(2, m => m is "urgent" ? 0 : 1);
        var got = new List<string>();
        ActorRef<string> actor = sim.Spawn<string>((m, _) => { got.Add(m); return default; }, options: forObjects);
        actor.Tell("other");
        actor.Tell("urgent");
        sim.Run();
        Assert.Equal(["urgent", "other"], got);
        Assert.Contains("Int32", Assert.Throws<ArgumentException>(() => sim.Spawn<string>((_, _) => default, options: TensFirst)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sim.System.SpawnPool(() => Sim.Make<string>((_, _) => default), new PoolOptions(2) { Routee = TensFirst }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpawnOptions().Prioritize<int>(1, _ => 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpawnOptions().Prioritize<int>(33, _ => 0));
        sim.Dispatcher.Run(() => sim.System.StopAsync());
    }

    [Fact]
    public async Task Many_senders_lose_nothing_and_keep_their_order_within_a_level()
    {
        const int Senders = 4, Each = 100_000, Levels = 3;
        var patience = TimeSpan.FromSeconds(60);
        await using var system = new ActorSystem();
        using var done = new CountdownEvent(1);
        int[,] last = new int[Senders, Levels];
        int left = Senders * Each, reordered = 0;
        ActorRef<Numbered> receiver = system.Spawn(
            () => Sim.Make<Numbered>(async (m, _) =>
            {
                if (m.Number <= last[m.Sender, m.Level]) reordered++;
                last[m.Sender, m.Level] = m.Number;
                if (m.Number % 1000 == 0) await Task.Yield();
                if (--left == 0) done.Signal();
            }),
            options: new SpawnOptions().Prioritize<Numbered>(Levels, m => m.Level));
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (int i = 1; i <= Each; i++) receiver.Tell(new Numbered(sender, i, i * 7 % Levels));
        }))).WaitAsync(patience);
        Assert.True(done.Wait(patience), $"{left} messages are missing.");
        Assert.Equal(0, reordered);
    }

    private ActorRef<int> Listing(SpawnOptions options) => _sim.Spawn<int>((m, _) => { _got.Add(m); return default; }, options: options);

    /// <summary>Stashes all that comes before 39, and lists what comes from then on.</summary>
    private ActorRef<int> Stashing(SpawnOptions options, Action<ActorContext<int>>? atLast = null)
    {
        bool isOpen = false;
        return _sim.Spawn<int>(
            (m, c) =>
            {
                if (m == 39)
                {
                    isOpen = true;
                    c.UnstashAll();
                    atLast?.Invoke(c);
                }
                else if (isOpen) _got.Add(m);
                else c.Stash();
                return default;
            },
            options: options);
    }

    private sealed class TestLog : ILoggerFactory, ILogger
    {
        public List<string> Entries { get; } = [];

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add(formatter(state, exception));
    }
}
