using ActorGrid.Testing;

namespace ActorGrid.Actors.Tests;

public sealed class ManualDispatcherTests
{
    [Fact]
    public void What_escapes_to_another_thread_is_reported_with_its_actor_and_place()
    {
        var sim = new Sim();
        var elsewhere = new TaskCompletionSource();
        sim.Spawn<int>(async (_, _) => await elsewhere.Task, "home").Tell(1);
        sim.Run();
        var thread = new Thread(() => elsewhere.SetResult());
        thread.Start();
        thread.Join();
        Assert.Contains("/home", Assert.Throws<InvalidOperationException>(() => sim.Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_belongs_to_the_thread_that_made_it()
    {
        var dispatcher = new ManualDispatcher();
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => dispatcher.RunUntilIdle()));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(thrown);
    }

    [Fact]
    public void A_task_that_waits_for_something_else_is_said_to_be_incomplete()
    {
        var dispatcher = new ManualDispatcher();
        var never = new TaskCompletionSource();
        Assert.Contains("clock", Assert.Throws<InvalidOperationException>(() => dispatcher.Run(() => never.Task)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_without_end_is_bounded()
    {
        var sim = new Sim();
        ActorRef<int> actor = null!;
        actor = sim.Spawn<int>((m, _) => { actor.Tell(m); return default; });
        actor.Tell(1);
        Assert.Throws<InvalidOperationException>(() => sim.Dispatcher.RunUntilIdle(runsMax: 100));
    }

    [Fact]
    public void The_same_program_runs_the_same_way_twice()
    {
        Assert.Equal(Trace(), Trace());

        static List<string> Trace()
        {
            var sim = new Sim();
            var log = new List<string>();
            for (int i = 0; i < 5; i++)
            {
                int me = i;
                sim.Spawn<int>(
                    (m, c) =>
                    {
                        log.Add($"{me}: {m} at {c.Time.GetTimestamp()}");
                        if (m < 20) c.Timers.StartOnce("next", TimeSpan.FromMilliseconds(c.Random.Next(100)), m + 1);
                        return default;
                    }).Tell(0);
            }

            sim.Advance(10);
            return log;
        }
    }
}
