namespace ActorGrid.Actors.Tests;

public sealed class TellAndAskTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private sealed record Question(int Number, ReplyTo<int> ReplyTo);

    [Fact]
    public void Messages_arrive_in_order()
    {
        var sim = new Sim();
        var got = new List<int>();
        ActorRef<int> actor = sim.Spawn<int>((m, _) => { got.Add(m); return default; });
        for (int i = 0; i < 1000; i++) actor.Tell(i);
        sim.Run();
        Assert.Equal(Enumerable.Range(0, 1000), got);
    }

    [Fact]
    public void An_ask_is_answered()
    {
        var sim = new Sim();
        ActorRef<Question> actor = sim.Spawn<Question>((q, _) => { q.ReplyTo.Reply(q.Number * 2); return default; });
        Assert.Equal(42, sim.Dispatcher.Run(() => actor.AskAsync<int>(r => new Question(21, r), OneSecond)));
    }

    [Fact]
    public void An_ask_without_reply_times_out_at_its_deadline_and_names_the_actor()
    {
        var sim = new Sim();
        ActorRef<Question> actor = sim.Spawn<Question>((_, _) => default, "deaf");
        Task<int> ask = actor.AskAsync<int>(r => new Question(1, r), OneSecond);
        sim.Advance(0.999);
        Assert.False(ask.IsCompleted);
        sim.Advance(0.001);
        var e = Assert.IsType<AskTimeoutException>(ask.Exception!.InnerException);
        Assert.Equal("/deaf", e.LastKnownAt);
    }

    [Fact]
    public void The_first_reply_wins()
    {
        var sim = new Sim();
        var outcomes = new List<bool>();
        ActorRef<Question> actor = sim.Spawn<Question>((q, _) =>
        {
            outcomes.Add(q.ReplyTo.Reply(1));
            outcomes.Add(q.ReplyTo.Reply(2));
            outcomes.Add(q.ReplyTo.Fail(new InvalidOperationException()));
            return default;
        });
        Assert.Equal(1, sim.Dispatcher.Run(() => actor.AskAsync<int>(r => new Question(0, r), OneSecond)));
        Assert.Equal([true, false, false], outcomes);
    }

    [Fact]
    public void An_ask_whose_handler_throws_fails_at_once()
    {
        var sim = new Sim();
        ActorRef<Question> actor = sim.Spawn<Question>((_, _) => throw new InvalidDataException("no"));
        Task<int> ask = actor.AskAsync<int>(r => new Question(0, r), OneSecond);
        sim.Run();
        Assert.IsType<InvalidDataException>(Assert.IsType<ActorFailedException>(ask.Exception!.InnerException).InnerException);
    }

    [Fact]
    public void An_ask_of_a_stopped_actor_fails_at_once()
    {
        var sim = new Sim();
        ActorRef<Question> actor = sim.Spawn<Question>((_, _) => default);
        actor.Stop();
        Task<int> queued = actor.AskAsync<int>(r => new Question(0, r), OneSecond);
        sim.Run();
        Task<int> late = actor.AskAsync<int>(r => new Question(0, r), OneSecond);
        Assert.IsType<ActorStoppedException>(queued.Exception!.InnerException);
        Assert.IsType<ActorStoppedException>(late.Exception!.InnerException);
        Assert.Equal(2, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void An_ask_can_be_cancelled()
    {
        var sim = new Sim();
        using var cancel = new CancellationTokenSource();
        ActorRef<Question> actor = sim.Spawn<Question>((_, _) => default);
        Task<int> ask = actor.AskAsync<int>(r => new Question(0, r), OneSecond, cancel.Token);
        sim.Run();
        cancel.Cancel();
        Assert.True(ask.IsCanceled);
    }

    [Fact]
    public async Task An_ask_whose_reply_slot_outlives_the_system_fails_when_that_stops_and_at_once_afterwards()
    {
        var sim = new Sim();
        ReplyTo<int> kept = default;
        ActorRef<Question> actor = sim.Spawn<Question>((q, _) => { kept = q.ReplyTo; return default; });
        Task<int> young = actor.AskAsync<int>(r => new Question(0, r), OneSecond);
        sim.Run();
        Task stopped = sim.System.StopAsync();
        Assert.False(young.IsCompleted);
        sim.Run();
        await stopped.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.IsType<SystemStoppedException>(young.Exception!.InnerException);
        Assert.False(kept.Reply(1));
        var late = new Promise<int>(sim.System.Deadlines, OneSecond);
        Assert.IsType<SystemStoppedException>(late.Task.Exception!.InnerException);
    }

    [Fact]
    public void An_asynchronous_handler_holds_up_the_next_message_and_goes_on_in_the_actor()
    {
        var sim = new Sim();
        var log = new List<string>();
        var gate = new TaskCompletionSource();
        ActorRef<int> actor = sim.Spawn<int>(async (m, c) =>
        {
            log.Add($"begin {m}");
            await gate.Task;
            _ = c.Timers;    // throws outside the actor's turn
            log.Add($"end {m}");
        });
        actor.Tell(1);
        actor.Tell(2);
        sim.Run();
        Assert.Equal(["begin 1"], log);
        gate.SetResult();
        sim.Run();
        Assert.Equal(["begin 1", "end 1", "begin 2", "end 2"], log);
    }
}
