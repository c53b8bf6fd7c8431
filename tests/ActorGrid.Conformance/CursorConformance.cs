using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>The cursors of subscriptions: each is moved by one writer at a time, and never back.</summary>
public abstract class CursorConformance : StoreConformance
{
    private static readonly CursorKey Key = new("totals", Shard);
    private static readonly Epoch Second = new(1, 1), Third = new(2, 0);

    private ICursorStore Cursors => Store.Cursors;

    [SkippableFact]
    public async Task A_cursor_that_was_never_stored_is_none()
    {
        Assert.Equal([Cursor.None, Cursor.None], await Cursors.ReadAsync([Key, new CursorKey("other", OtherShard)], None));
        Assert.Empty(await Cursors.ReadAsync([], None));
        Assert.Empty(await Cursors.MoveAsync([], None));
    }

    [SkippableFact]
    public async Task A_cursor_is_kept_as_it_was_stored_for_each_name_and_shard()
    {
        CursorMove[] moves =
        [
            new(Key, new Cursor(1, First.Epoch, 5, 1005, 1_700_000_000_000)), new(Key with { Shard = OtherShard }, new Cursor(1, Third, 0, 0, 0)),
            new(Key with { Name = "a-b.c_d" }, new Cursor(1, Second, long.MaxValue, long.MaxValue, long.MaxValue)),
        ];
        Assert.Equal([true, true, true], await Cursors.MoveAsync(moves, None));
        await ReopenAsync();
        Assert.Equal([moves[2].To, Cursor.None, moves[0].To, moves[1].To], await Cursors.ReadAsync([moves[2].Key, new CursorKey("none", Shard), moves[0].Key, moves[1].Key], None));
    }

    [SkippableFact]
    public async Task A_cursor_is_replaced_only_by_the_next_version()
    {
        await MoveAsync(new Cursor(1, First.Epoch, 5, 5, 0), expected: true);
        foreach (long version in new[] { 1, 3, 4 }) await MoveAsync(new Cursor(version, First.Epoch, 7, 7, 0), expected: false);
        await MoveAsync(new Cursor(2, First.Epoch, 7, 9, 1), expected: true);
        Assert.Equal(new Cursor(2, First.Epoch, 7, 9, 1), Assert.Single(await Cursors.ReadAsync([Key], None)));
    }

    [SkippableFact]
    public async Task A_later_version_of_a_cursor_that_was_never_stored_is_refused()
    {
        await MoveAsync(new Cursor(2, First.Epoch, 7, 7, 0), expected: false);
        Assert.Equal(Cursor.None, Assert.Single(await Cursors.ReadAsync([Key], None)));
    }

    [SkippableFact]
    public async Task A_cursor_goes_neither_back_nor_to_an_earlier_epoch()
    {
        await MoveAsync(new Cursor(1, Second, 5, 9, 0), expected: true);
        await MoveAsync(new Cursor(2, Second, 4, 9, 0), expected: false);
        await MoveAsync(new Cursor(2, First.Epoch, 6, 9, 0), expected: false);
        // As often as it likes within an epoch, and at the same place.
        await MoveAsync(new Cursor(2, Second, 5, 6, 0), expected: true);
        await MoveAsync(new Cursor(3, Third, 5, 5, 0), expected: true);
        await MoveAsync(new Cursor(4, new Epoch(1, 9), 5, 5, 0), expected: false);
    }

    [SkippableFact]
    public async Task Each_move_is_judged_apart()
    {
        await MoveAsync(new Cursor(1, First.Epoch, 5, 5, 0), expected: true);
        CursorMove[] moves = [new(Key, new Cursor(1, First.Epoch, 6, 6, 0)), new(Key with { Shard = OtherShard }, new Cursor(1, First.Epoch, 3, 3, 0))];
        Assert.Equal([false, true], await Cursors.MoveAsync(moves, None));
        Assert.Equal([5L, 3L], (await Cursors.ReadAsync([Key, moves[1].Key], None)).Select(c => c.Offset));
    }

    [SkippableFact]
    public async Task Of_several_who_know_the_same_cursor_one_moves_it()
    {
        var rounds = new List<long>();
        for (long version = 1; version <= 20; version++)
        {
            var runners = Enumerable.Range(1, 4).Select(runner => Task.Run(() => Cursors.MoveAsync([new CursorMove(Key, new Cursor(version, First.Epoch, version, version + runner, 0))], None)));
            var moved = await Task.WhenAll(runners);
            int winner = Assert.Single(Enumerable.Range(1, 4), runner => moved[runner - 1][0]);
            Assert.Equal(new Cursor(version, First.Epoch, version, version + winner, 0), Assert.Single(await Cursors.ReadAsync([Key], None)));
        }
    }

    [SkippableFact]
    public async Task What_cannot_be_a_cursor_is_refused_and_nothing_is_written()
    {
        var good = new CursorMove(Key, new Cursor(1, First.Epoch, 1, 1, 0));
        foreach (var bad in new CursorMove[]
        {
            good, good with { Key = new CursorKey("No Name", OtherShard) }, good with { Key = new CursorKey("x", new ShardId(-1)) }, good with { Key = new CursorKey("x", Shard), To = good.To with { Version = 0 } },
            good with { Key = new CursorKey("x", Shard), To = good.To with { Offset = -1 } }, good with { Key = new CursorKey("x", Shard), To = good.To with { GivenTo = 0 } },
        })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Cursors.MoveAsync([good, bad], None));
        }
        Assert.Equal(Cursor.None, Assert.Single(await Cursors.ReadAsync([Key], None)));
    }

    private async Task MoveAsync(Cursor to, bool expected) => Assert.Equal(expected, Assert.Single(await Cursors.MoveAsync([new CursorMove(Key, to)], None)));
}
