namespace ActorGrid.Actors.Tests;

public sealed class BedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void No_wake_up_is_lost_however_two_threads_meet()
    {
        const int Turns = 20_000;
        var mine = new Bed();
        var other = new Bed();
        var partner = new Thread(() => TakeTurns(mine, other, Turns)) { IsBackground = true };
        var self = new Thread(() => TakeTurns(other, mine, Turns)) { IsBackground = true };
        partner.Start();
        self.Start();
        mine.Wake();
        Assert.True(partner.Join(Patience), "A thread was not woken.");
        Assert.True(self.Join(Patience), "A thread was not woken.");
    }

    [Fact]
    public void A_wake_up_that_comes_before_the_sleep_ends_it_and_several_are_one()
    {
        var bed = new Bed();
        bed.Wake();
        bed.Wake();
        bed.Sleep();
        var second = new Thread(bed.Sleep) { IsBackground = true };
        second.Start();
        long begun = TimeProvider.System.GetTimestamp();
        while ((second.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) == ThreadState.Running)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, "The second sleep does not begin.");
            Thread.Yield();
        }
        Assert.True(second.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "The second wake-up outlived the first sleep.");
        bed.Wake();
        Assert.True(second.Join(Patience), "The sleeper was not woken.");
    }

    [Fact]
    public void A_sleep_with_a_bound_ends_by_itself()
    {
        var bed = new Bed();
        var sleeper = new Thread(() => bed.Sleep(TimeSpan.FromMilliseconds(1))) { IsBackground = true };
        sleeper.Start();
        Assert.True(sleeper.Join(Patience), "The sleep has not ended.");
    }

    private static void TakeTurns(Bed own, Bed other, int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            own.Sleep();
            other.Wake();
        }
    }
}
