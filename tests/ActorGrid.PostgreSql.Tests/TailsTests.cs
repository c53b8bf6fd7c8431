using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>What is remembered of histories is used only at the offset at which it was true.</summary>
public sealed class TailsTests
{
    private static readonly EntityId Bob = EntityId.Create("account", "bob");
    private readonly Tails _tails = new();

    [Fact]
    public void What_was_committed_need_not_be_looked_up_at_the_next_offset()
    {
        Assert.Single(_tails.UnknownOf(TestGrid.Append(0, TestGrid.First)));
        _tails.Note(TestGrid.Append(0, TestGrid.First, count: 3));
        Assert.Empty(_tails.UnknownOf(TestGrid.Append(3, TestGrid.First)));
        Assert.Equal([(Bob, 0L)], _tails.UnknownOf(TestGrid.Append(3, TestGrid.First) with { Events = [new JournalEvent(Bob, 1, "x", 1, default)] }));
    }

    [Fact]
    public void At_another_offset_or_with_another_number_it_is_looked_up()
    {
        _tails.Note(TestGrid.Append(0, TestGrid.First, count: 3));
        Assert.Single(_tails.UnknownOf(TestGrid.Append(4, TestGrid.First)));
        Assert.Single(_tails.UnknownOf(TestGrid.Append(3, TestGrid.First) with { Events = [new JournalEvent(TestGrid.Alice, 6, "x", 1, default)] }));
    }

    [Fact]
    public void What_others_have_written_between_makes_it_forget()
    {
        _tails.Note(TestGrid.Append(0, TestGrid.First, count: 3));
        _tails.Note(TestGrid.Append(7, TestGrid.First) with { Events = [new JournalEvent(Bob, 1, "x", 1, default)] });
        Assert.Single(_tails.UnknownOf(TestGrid.Append(8, TestGrid.First) with { Events = [new JournalEvent(TestGrid.Alice, 4, "x", 1, default)] }));
        _tails.Forget(TestGrid.Shard);
        Assert.Single(_tails.UnknownOf(TestGrid.Append(8, TestGrid.First) with { Events = [new JournalEvent(Bob, 2, "x", 1, default)] }));
    }
}
