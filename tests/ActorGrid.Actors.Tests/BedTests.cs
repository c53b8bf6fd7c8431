namespace ActorGrid.Actors.Tests;

public sealed class BedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_wake_up_that_comes_before_the_sleep_is_not_lost_and_several_are_one()
    {
        var bed = new Bed();
        bed.Wake();
        bed.Wake();
        bed.Sleep();
        var second = new Thread(bed.Sleep) { IsBackground = true };
        second.Start();
        Assert.True(SpinWait.SpinUntil(() => second.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Patience));
        bed.Wake();
        Assert.True(second.Join(Patience));
    }

    [Fact]
    public void A_sleep_with_a_bound_ends_by_itself()
    {
        var bed = new Bed();
        bed.Sleep(TimeSpan.FromMilliseconds(1));
        bed.Wake();
        bed.Sleep(Timeout.InfiniteTimeSpan);
    }
}
