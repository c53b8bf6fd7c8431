namespace ActorGrid.Tests;

public class SystemBootClockTests
{
    [Fact]
    public void It_never_goes_back_and_agrees_with_the_system()
    {
        var clock = new SystemBootClock();
        var last = clock.Uptime;
        for (int i = 0; i < 10_000; i++)
        {
            var now = clock.Uptime;
            Assert.True(now >= last);
            last = now;
        }
        // They differ by the time that the host was suspended, which only the boot clock counts.
        Assert.True(last >= TimeSpan.FromMilliseconds(Environment.TickCount64) - TimeSpan.FromSeconds(1));
    }
}
