namespace ActorGrid.Persistence.Tests;

public sealed class ReplyMemoryTests
{
    private readonly Budget _budget = new(3);
    private readonly ReplyMemory _memory;

    public ReplyMemoryTests() => _memory = new ReplyMemory(_budget, markUnixMs: 1000);

    [Theory]
    [InlineData(1001, nameof(IdVerdict.New))]
    [InlineData(1000, nameof(IdVerdict.LookUp))]
    [InlineData(500, nameof(IdVerdict.LookUp))]
    [InlineData(499, nameof(IdVerdict.TooOld))]
    [InlineData(62_000, nameof(IdVerdict.New))]
    [InlineData(62_001, nameof(IdVerdict.FromTheFuture))]
    public void An_unknown_id_is_judged_by_its_birth(long issued, string verdict) =>
        Assert.Equal(verdict, _memory.Judge(LedgerRig.A, Id(issued), isLookedUp: false, nowUnixMs: 2000, forgottenBeforeUnixMs: 500, out _).ToString());

    [Fact]
    public void An_id_from_the_future_that_may_be_recorded_is_looked_up_and_refused_only_then()
    {
        _memory.RaiseMark(100_000);

        Assert.Equal(IdVerdict.LookUp, Judge(90_000));
        Assert.Equal(IdVerdict.FromTheFuture, Judge(90_000, isLookedUp: true));
        Assert.Equal(IdVerdict.New, Judge(60_000, isLookedUp: true));
    }

    [Fact]
    public void What_is_evicted_raises_the_mark()
    {
        for (int i = 1; i <= 5; i++)
        {
            _memory.Add(Reply(1000 + i), append: i);
            _memory.DurableThrough = i;
        }

        Assert.Equal(3, _memory.Count);
        Assert.Equal(1002, _memory.MarkUnixMs);
        Assert.Equal(IdVerdict.LookUp, Judge(1002));
        Assert.Equal(IdVerdict.Known, Judge(1003));
    }

    [Fact]
    public void What_is_being_committed_is_never_evicted()
    {
        for (int i = 1; i <= 5; i++) _memory.Add(Reply(1000 + i), append: 1);

        Assert.Equal(5, _memory.Count);
        Assert.Equal(1000, _memory.MarkUnixMs);
    }

    [Fact]
    public void What_is_dropped_is_new_again()
    {
        var reply = Reply(1001);
        _memory.Add(reply, append: 1);
        _memory.Drop([reply]);

        Assert.Equal(IdVerdict.New, Judge(1001));
        Assert.Equal(0, _budget.Taken);
    }

    [Fact]
    public void Dropping_again_and_again_takes_no_memory()
    {
        for (int i = 0; i < 100_000; i++)
        {
            var reply = Reply(1001);
            _memory.Add(reply, append: i + 1);
            _memory.Drop([reply]);
        }
        Assert.Equal(0, _memory.Count);
    }

    [Fact]
    public void Forgetting_reaches_as_far_as_ids_were_recorded()
    {
        const long Minute = 60_000;
        var births = new RecordedBirths();
        births.AddOlder(Minute);
        Assert.Equal(5, births.Reach(5));
        Assert.Equal(Minute + 1, births.Reach(100 * Minute));
        births.Add(10 * Minute);
        births.Add(11 * Minute);
        births.Add(200 * Minute);

        Assert.Equal((10 * Minute) + 7, births.Reach((10 * Minute) + 7));
        Assert.Equal(12 * Minute, births.Reach(100 * Minute));
        births.Add(11 * Minute);
        Assert.Equal(12 * Minute, births.Reach(100 * Minute));
        Assert.Equal(201 * Minute, births.Reach(300 * Minute));
    }

    [Fact]
    public void Nothing_is_recorded_twice()
    {
        _memory.Add(Reply(1001), append: 1);

        Assert.Throws<InvalidOperationException>(() => _memory.Add(Reply(1001), append: 1));
        Assert.Equal(1, _budget.Taken);
    }

    private static ReplyRecord Reply(long issued) => new(LedgerRig.A, Id(issued), ReplyKind.Accepted, default);

    private static CommandId Id(long issued) => new(((ulong)issued << 16) | 0x7000, 0x8000_0000_0000_0001);

    private IdVerdict Judge(long issued, bool isLookedUp = false) => _memory.Judge(LedgerRig.A, Id(issued), isLookedUp, 2000, 0, out _);
}
