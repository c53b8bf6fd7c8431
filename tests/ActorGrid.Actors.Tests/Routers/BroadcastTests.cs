namespace ActorGrid.Actors.Tests;

/// <summary>Routers that send to all: broadcast and scatter-gather.</summary>
public sealed class BroadcastTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private sealed record Question(ReplyTo<int> ReplyTo);

    [Fact]
    public void A_broadcast_reaches_all_even_if_one_is_full()
    {
        var sim = new Sim();
        var got = new List<string>();
        var fails = new SpawnOptions { MailboxCapacity = 1, Overflow = MailboxOverflow.FailSender };
        ActorRef<string>[] routees = [Spawn("a", fails), Spawn("b", null), Spawn("c", fails), Spawn("d", null)];
        ActorRef<string> router = sim.System.SpawnRouter(routees, routing: Routing<string>.Broadcast);
        routees[0].Tell("fills");
        Assert.Equal("/a", Assert.Throws<MailboxFullException>(() => router.Tell("x")).Path);
        Assert.True(router.TryTell("y"));
        sim.Run();
        Assert.Equal(["a fills", "b x", "b y", "c x", "d x", "d y"], got.Order());
        Assert.Equal(0, sim.System.DeadLetters.Count);

        ActorRef<string> Spawn(string name, SpawnOptions? options) => sim.Spawn<string>((m, _) => { got.Add($"{name} {m}"); return default; }, name, options);
    }

    [Fact]
    public void A_broadcast_reaches_all_even_if_one_throws_at_the_sender()
    {
        var sim = new Sim();
        var got = new List<string>();
        ActorRef<string> keyless = sim.System.SpawnRouter([Spawn("a")], routing: Routing<string>.ConsistentHash(long (_) => throw new FormatException()));
        ActorRef<string> router = sim.System.SpawnRouter([keyless, Spawn("b")], routing: Routing<string>.Broadcast);
        Assert.Throws<FormatException>(() => router.Tell("x"));
        Assert.Throws<FormatException>(() => router.TryTell("y"));
        sim.Run();
        Assert.Equal(["b x", "b y"], got);

        ActorRef<string> Spawn(string name) => sim.Spawn<string>((m, _) => { got.Add($"{name} {m}"); return default; }, name);
    }

    [Fact]
    public void A_broadcast_cannot_be_asked()
    {
        var sim = new Sim();
        int asked = 0;
        ActorRef<Question> pool = sim.System.SpawnPool(() => Sim.Make<Question>((_, _) => { asked++; return default; }), new PoolOptions(2), routing: Routing<Question>.Broadcast);
        Task<int> ask = pool.AskAsync<int>(r => new Question(r), OneSecond);
        Assert.Contains("ScatterGather", Assert.IsType<NotSupportedException>(ask.Exception!.InnerException).Message, StringComparison.Ordinal);
        sim.Run();
        Assert.Equal(0, asked);
    }

    [Fact]
    public void The_first_reply_of_all_counts_and_failures_leave_it_to_the_others()
    {
        var sim = new Sim();
        int asked = 0;
        ActorRef<Question>[] routees =
        [
            sim.Spawn<Question>((_, _) => { asked++; throw new InvalidDataException(); }),
            sim.Spawn<Question>((_, _) => { asked++; return default; }),
            sim.Spawn<Question>((q, _) => { asked++; q.ReplyTo.Reply(3); return default; }),
            sim.Spawn<Question>((q, _) => { asked++; q.ReplyTo.Reply(4); return default; }),
            sim.Spawn<Question>((_, _) => default, "full", new SpawnOptions { MailboxCapacity = 1 }),
        ];
        routees[4].Tell(new Question(default));
        ActorRef<Question> router = sim.System.SpawnRouter(routees, routing: Routing<Question>.ScatterGather);
        Assert.Equal(3, sim.Dispatcher.Run(() => router.AskAsync<int>(r => new Question(r), OneSecond)));
        Assert.Equal(4, asked);
        Assert.Equal(1, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void When_all_have_failed_the_ask_fails_with_the_last_failure()
    {
        var sim = new Sim();
        bool hasStashed = false;
        var gate = new TaskCompletionSource();
        ActorRef<Question> throws = sim.Spawn<Question>((_, _) => throw new InvalidDataException());
        ActorRef<Question> stops = sim.Spawn<Question>((_, _) => default);
        // Fails twice with the same message, which counts once.
        ActorRef<Question> failsTwice = sim.Spawn<Question>((_, c) =>
        {
            if (!hasStashed) c.Stash();
            hasStashed = true;
            throw new InvalidDataException();
        });
        ActorRef<Question> waits = sim.Spawn<Question>(async (_, _) => await gate.Task);
        ActorRef<Question> inner = sim.System.SpawnRouter([throws, waits], routing: Routing<Question>.ScatterGather);
        ActorRef<Question> router = sim.System.SpawnRouter([failsTwice, stops, inner], routing: Routing<Question>.ScatterGather);
        sim.Run();
        Task<int> ask = router.AskAsync<int>(r => new Question(r), TimeSpan.FromMinutes(1));
        stops.Stop();
        sim.Advance(5);
        Assert.False(ask.IsCompleted);
        gate.SetException(new FormatException());
        sim.Run();
        Assert.IsType<FormatException>(Assert.IsType<ActorFailedException>(ask.Exception!.InnerException).InnerException);
    }

    [Fact]
    public void A_failure_that_a_routee_gives_ends_the_ask()
    {
        var sim = new Sim();
        ActorRef<Question> pool = sim.System.SpawnPool(
            () => Sim.Make<Question>((q, _) => { q.ReplyTo.Fail(new FormatException()); return default; }), new PoolOptions(3), routing: Routing<Question>.ScatterGather);
        Task<int> ask = pool.AskAsync<int>(r => new Question(r), OneSecond);
        sim.Run();
        Assert.IsType<FormatException>(ask.Exception!.InnerException);
    }

    [Fact]
    public void Without_any_reply_the_ask_times_out_at_the_router()
    {
        var sim = new Sim();
        ActorRef<Question> pool = sim.System.SpawnPool(() => Sim.Make<Question>((_, _) => default), new PoolOptions(3), "deaf", Routing<Question>.ScatterGather);
        Task<int> ask = pool.AskAsync<int>(r => new Question(r), OneSecond);
        sim.Advance(1);
        Assert.Equal("/deaf", Assert.IsType<AskTimeoutException>(ask.Exception!.InnerException).LastKnownAt);
    }
}
