namespace ActorGrid.Actors.Tests;

public sealed class DeadLetterTests
{
    private sealed record Lost(int Number);

    [Fact]
    public void The_last_ones_are_remembered_oldest_first()
    {
        var sim = new Sim(o => o with { RecentDeadLettersMax = 40 });
        Assert.Empty(sim.System.DeadLetters.Recent);
        ActorRef<Lost> dead = sim.Spawn<Lost>((_, _) => default, "dead");
        dead.Stop();
        ActorRef<string?> full = sim.Spawn<string?>((_, _) => default, "full", new SpawnOptions { MailboxCapacity = 1 });
        sim.Run();
        DateTimeOffset start = sim.Clock.GetUtcNow();
        for (int i = 0; i < 100; i++)
        {
            dead.Tell(new Lost(i));
            sim.Advance(1);
            Assert.Equal(Math.Min(i + 1, 40), sim.System.DeadLetters.Recent.Count);
        }

        full.Tell("1");
        full.Tell(null);
        IReadOnlyList<DeadLetterEntry> recent = sim.System.DeadLetters.Recent;
        Assert.Equal(40, recent.Count);
        Assert.Equal(Enumerable.Range(61, 39).Select(i => start.AddSeconds(i)), recent.Take(39).Select(letter => letter.At));
        Assert.Equal(new DeadLetterEntry(start.AddSeconds(61), typeof(Lost).FullName!, "/dead", DeadLetterReason.Stopped), recent[0]);
        Assert.Equal(new DeadLetterEntry(start.AddSeconds(100), "null", "/full", DeadLetterReason.MailboxFull), recent[39]);
        Assert.Equal(101, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void They_keep_no_message_alive()
    {
        var sim = new Sim();
        WeakReference message = Lose(sim);
        for (int i = 0; i < 10 && message.IsAlive; i++) GC.Collect();
        Assert.False(message.IsAlive);
        Assert.Single(sim.System.DeadLetters.Recent);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Lose(Sim sim)
        {
            var lost = new Lost(1);
            ActorRef<Lost> dead = sim.Spawn<Lost>((_, _) => default);
            dead.Stop();
            sim.Run();
            dead.Tell(lost);
            return new WeakReference(lost);
        }
    }

    [Fact]
    public void None_are_remembered_if_so_set_and_the_bound_has_a_range()
    {
        var sim = new Sim(o => o with { RecentDeadLettersMax = 0 });
        ActorRef<Lost> dead = sim.Spawn<Lost>((_, _) => default);
        dead.Stop();
        sim.Run();
        dead.Tell(new Lost(1));
        Assert.Empty(sim.System.DeadLetters.Recent);
        Assert.Equal(1, sim.System.DeadLetters.Count);
        Assert.Contains("RecentDeadLettersMax", Assert.Throws<ArgumentOutOfRangeException>(() => new ActorSystemOptions { RecentDeadLettersMax = -1 }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ActorSystemOptions { RecentDeadLettersMax = 10_001 });
    }

    [Fact]
    public void An_observer_that_throws_or_loses_a_message_over_a_letter_stops_nobody()
    {
        var sim = new Sim();
        ActorRef<int> gone = sim.Spawn<int>((_, _) => default, "gone"), dying = sim.Spawn<int>((_, _) => default, "dying");
        var watch = sim.Spawn<string>((_, _) => default, "watch");
        gone.Stop();
        sim.Run();
        int shown = 0;
        using IDisposable throws = sim.System.Events.Subscribe<DeadLetter>(_ => throw new InvalidDataException());
        using IDisposable loses = sim.System.Events.Subscribe<DeadLetter>(_ =>
        {
            shown++;
            gone.Tell(2);
        });
        dying.Tell(1);
        dying.Stop();
        sim.Run();
        Assert.Equal((1, 2L), (shown, sim.System.DeadLetters.Count));
        Assert.Equal(["/", "/watch"], new[] { "/" }.Concat(sim.System.Describe().Children.Select(child => child.Path)));
    }
}
