using ActorGrid.Actors;

namespace ActorGrid.Failover.Tests;

public sealed class LoadGeneratorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task It_goes_on_asking_while_nothing_is_answered_and_waits_for_every_answer()
    {
        var load = new LoadOptions(2, TimeSpan.FromMilliseconds(2), TimeSpan.FromSeconds(10));
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource<Reading>(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        using var stop = new CancellationTokenSource();
        var running = new LoadGenerator(load, (_, _) => AskAsync(), _ => AskAsync()).RunAsync(stop.Token);
        await enough.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        Assert.False(running.IsCompleted);
        answer.SetResult(new Reading(7, 8));
        var log = await running.WaitAsync(Patience);
        Assert.Equal(asked, log.Asks.Count);
        Assert.All(log.Asks, a => Assert.Equal((Outcome.Answered, new Reading(7, 8)), (a.Outcome, a.Reading)));
        Assert.All(log.Asks, a => Assert.True(a.Due <= a.Sent && a.Sent <= a.Ended));

        Task<Reading> AskAsync()
        {
            if (Interlocked.Increment(ref asked) == 20) enough.SetResult();
            return answer.Task;
        }
    }

    [Fact]
    public async Task Failures_are_told_apart_and_kept_in_words()
    {
        var load = new LoadOptions(1, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        using var stop = new CancellationTokenSource();
        var log = await new LoadGenerator(load, (_, _) => Fail(new AskTimeoutException("late", TimeSpan.FromSeconds(10))), _ => Fail(new InvalidOperationException("broken"))).RunAsync(stop.Token).WaitAsync(Patience);
        Assert.Contains(log.Asks, a => a is { IsWrite: true, Outcome: Outcome.TimedOut });
        Assert.Contains(log.Asks, a => a is { IsWrite: false, Outcome: Outcome.Failed });
        Assert.Contains("InvalidOperationException: broken", log.Failures);
        Assert.True(log.Failures.Count <= AskLog.FailuresMax + 2);

        Task<Reading> Fail(Exception e)
        {
            if (e is InvalidOperationException) stop.Cancel();
            return Task.FromException<Reading>(e);
        }
    }

    [Fact]
    public void A_log_is_read_as_it_was_written()
    {
        string path = Path.GetTempFileName();
        try
        {
            var log = new AskLog([Sample.Answered(1, 2, number: 3, version: 4, owner: 5, entity: 6, sent: 1.5), Sample.Failed(7, 8)], ["timed out"]);
            log.Write(path);
            var read = AskLog.Read(path);
            Assert.Equal(log.Asks, read.Asks);
            Assert.Equal(log.Failures, read.Failures);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
