namespace ActorGrid.Failover.Tests;

public sealed class LoadOptionsTests
{
    private static readonly LoadOptions Load = new(4, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));

    [Fact]
    public void Every_entity_is_asked_once_in_a_period_and_writes_every_other_time()
    {
        var schedule = Enumerable.Range(0, 16).Select(place => Load.At(place)).ToList();
        Assert.All(schedule.Chunk(4), round => Assert.Equal([0, 1, 2, 3], round.Select(a => a.Entity)));
        Assert.All(schedule.Chunk(4), round => Assert.Equal(2, round.Count(a => a.Number > 0)));
        Assert.All(schedule.GroupBy(a => a.Entity), entity => Assert.Equal([1, 2], entity.Select(a => a.Number).Where(n => n > 0)));
        Assert.All(schedule.Zip(schedule.Skip(1)), pair => Assert.Equal(TimeSpan.FromMilliseconds(25), pair.Second.Due - pair.First.Due));
    }

    [Fact]
    public void As_many_are_due_as_have_their_time_behind_them()
    {
        for (int place = 0; place < 50; place++)
        {
            var due = Load.At(place).Due;
            Assert.True(Load.DueBefore(due) <= place);
            Assert.True(Load.DueBefore(due + TimeSpan.FromMilliseconds(25)) > place);
        }
    }
}
