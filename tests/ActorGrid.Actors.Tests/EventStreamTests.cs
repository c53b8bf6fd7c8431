using Microsoft.Extensions.Logging;

namespace ActorGrid.Actors.Tests;

public sealed class EventStreamTests
{
    private readonly Sim _sim = new();
    private readonly List<string> _log = [];

    private interface IPriced
    {
        int Price { get; }
    }

    private abstract record Event;

    private sealed record Sold(int Price) : Event, IPriced;

    private sealed record Closed : Event;

    private EventStream Events => _sim.System.Events;

    [Fact]
    public void An_event_goes_to_whoever_subscribed_to_its_class_a_base_or_an_interface()
    {
        Events.Subscribe(Receiver<Sold>("class"));
        Events.Subscribe(Receiver<Event>("base"));
        Events.Subscribe(Receiver<IPriced>("interface"));
        Events.Subscribe(Receiver<object>("all"));
        Events.Publish<Event>(new Sold(3));
        Events.Publish(new Closed());
        Events.Publish(17);
        _sim.Run();
        Assert.Equal(["class Sold { Price = 3 }", "base Sold { Price = 3 }", "interface Sold { Price = 3 }", "all Sold { Price = 3 }", "base Closed { }", "all Closed { }", "all 17"], _log.OrderBy(Number));

        int Number(string line) => line.Contains("Sold", StringComparison.Ordinal) ? 0 : line.Contains("Closed", StringComparison.Ordinal) ? 1 : 2;
    }

    [Fact]
    public void An_actor_gets_events_as_the_messages_that_it_understands_in_the_order_of_the_publisher()
    {
        ActorRef<string> actor = Receiver<string>("got");
        Events.Subscribe(actor, (Sold e) => $"sold for {e.Price}");
        Events.Subscribe(actor, (Closed _) => "closed");
        for (int i = 0; i < 3; i++) Events.Publish(new Sold(i));
        Events.Publish(new Closed());
        _sim.Run();
        Assert.Equal(["got sold for 0", "got sold for 1", "got sold for 2", "got closed"], _log);
    }

    [Fact]
    public void A_second_subscription_to_the_same_type_takes_the_place_of_the_first_and_outlives_a_restart()
    {
        int life = 0;
        ActorRef<string> actor = _sim.Spawn<string>(
            (m, _) => { _log.Add(m); return m.EndsWith("fail", StringComparison.Ordinal) ? throw new InvalidDataException() : default; },
            with: a => a.OnStart = c =>
            {
                int me = ++life;
                c.System.Events.Subscribe(c.Self, (string e) => $"{me} {e}");
                return default;
            });
        _sim.Run();
        Events.Publish("a");
        Events.Publish("fail");
        _sim.Run();
        Events.Publish("b");
        _sim.Advance(1);
        Events.Publish("c");
        _sim.Run();
        Assert.Equal(["1 a", "1 fail", "1 b", "2 c"], _log);
        actor.Stop();
        _sim.Run();
        Events.Publish("d");
        Assert.Equal(0, _sim.System.DeadLetters.Count);
    }

    [Fact]
    public void A_subscription_ends_with_its_actor_or_when_it_is_disposed()
    {
        ActorRef<string> stopped = Receiver<string>("stopped"), left = Receiver<string>("left"), dead = Receiver<string>("dead");
        dead.Stop();
        _sim.Run();
        Events.Subscribe(stopped);
        IDisposable leaves = Events.Subscribe(left);
        Events.Subscribe(dead);
        _sim.Run();
        Events.Publish("1");
        _sim.Run();
        stopped.Stop();
        leaves.Dispose();
        leaves.Dispose();
        _sim.Run();
        Events.Publish("2");
        _sim.Run();
        Assert.Equal(["stopped 1", "left 1"], _log);
        Assert.Equal(0, _sim.System.DeadLetters.Count);
    }

    [Fact]
    public void Code_outside_of_actors_sees_events_until_it_leaves()
    {
        using (Events.Subscribe<IPriced>(e => _log.Add($"{e.Price}")))
        {
            Events.Publish(new Sold(1));
            Events.Publish(new Closed());
        }

        Events.Publish(new Sold(2));
        Assert.Equal(["1"], _log);
    }

    [Theory]
    [InlineData(MailboxOverflow.DropNewest)]
    [InlineData(MailboxOverflow.FailSender)]
    public void A_subscriber_whose_mailbox_is_full_misses_the_event_alone_and_as_a_dead_letter(MailboxOverflow overflow)
    {
        ActorRef<string> full = _sim.Spawn<string>((m, _) => { _log.Add($"full {m}"); return default; }, "full", new SpawnOptions { MailboxCapacity = 1, Overflow = overflow });
        var letters = new List<DeadLetter>();
        using IDisposable watch = _sim.System.Events.Subscribe<DeadLetter>(letters.Add);
        Events.Subscribe(full);
        Events.Subscribe(Receiver<string>("other"));
        Events.Publish("1");
        Events.Publish("2");
        _sim.Run();
        Assert.Equal(["full 1", "other 1", "other 2"], _log);
        Assert.Equal([new DeadLetter("2", "/full", DeadLetterReason.MailboxFull)], letters);
        Assert.Equal(1, _sim.System.DeadLetters.Count);
    }

    [Fact]
    public void A_mapping_or_an_observer_that_throws_is_logged_and_neither_the_publisher_nor_the_others_notice()
    {
        using var logs = new Logs();
        var sim = new Sim(o => o with { LoggerFactory = logs });
        var seen = new List<string>();
        ActorRef<string> actor = sim.Spawn<string>((_, _) => default, "mapped");
        sim.System.Events.Subscribe<string>(_ => throw new InvalidOperationException("observer"));
        sim.System.Events.Subscribe(actor, (string _) => throw new InvalidOperationException("mapping"));
        sim.System.Events.Subscribe<string>(seen.Add);
        sim.System.Events.Publish("a");
        Assert.Equal(["a"], seen);
        Assert.Equal(2, logs.Lines.Count);
        Assert.Contains("/mapped", logs.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishers_and_subscribers_on_many_threads_lose_and_double_nothing()
    {
        const int Publishers = 4, Each = 2000;
        await using var system = new ActorSystem();
        using var done = new CountdownEvent(Publishers * Each);
        int[] next = new int[Publishers];
        int wrong = 0;
        ActorRef<(int Publisher, int Number)> actor = system.Spawn(() => Sim.Make<(int Publisher, int Number)>((m, _) =>
        {
            if (next[m.Publisher]++ != m.Number) wrong++;
            done.Signal();
            return default;
        }));
        system.Events.Subscribe(actor);
        Task[] publishers = [.. Enumerable.Range(0, Publishers).Select(p => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                system.Events.Publish((p, i));
                // Others come and go meanwhile.
                if (i % 100 == 0) system.Events.Subscribe(system.Spawn(() => Sim.Make<(int, int)>((_, c) => { c.StopSelf(); return default; })));
            }
        }))];
        await Task.WhenAll(publishers).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(done.Wait(TimeSpan.FromSeconds(60)), $"{done.CurrentCount} events are missing.");
        Assert.Equal(0, wrong);
    }

    private ActorRef<T> Receiver<T>(string name) => _sim.Spawn<T>((m, _) => { _log.Add($"{name} {m}"); return default; });

    private sealed class Logs : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
