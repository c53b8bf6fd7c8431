using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>What a projection writes and how far it has come are one transaction, so each event takes effect exactly once.</summary>
public abstract class ProjectionConformance : StoreConformance
{
    protected static readonly EntityType Type = EntityType.Create<Tally>("tally", TallyJson.Default);
    protected static readonly CursorKey Key = new("totals", Shard);

    /// <summary>A projection named <c>totals</c> that adds each number to a total of all.</summary>
    /// <param name="during">Called when all is written and nothing is committed.</param>
    protected abstract Subscription NewProjection(Action during);

    /// <summary>The total that is committed; 0 if none is.</summary>
    protected abstract Task<long> ReadTotalAsync();

    [SkippableFact]
    public async Task What_is_written_and_the_cursor_are_committed_together()
    {
        var events = await WriteTallyAsync(10);
        Assert.True(await ProjectAsync(NewProjection(static () => { }), Move(1, 10), events));
        Assert.Equal(55, await ReadTotalAsync());
        Assert.Equal(10, (await CursorAsync()).Offset);
        await ReopenAsync();
        Assert.Equal(10, (await CursorAsync()).Offset);
        Assert.Equal(55, await ReadTotalAsync());
    }

    [SkippableFact]
    public async Task What_fails_leaves_neither_and_counts_once_when_it_is_tried_again()
    {
        var events = await WriteTallyAsync(10);
        bool fails = true;
        var projection = NewProjection(() =>
        {
            if (fails) throw new InvalidOperationException("As asked.");
        });
        for (int i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ProjectAsync(projection, Move(1, 10), events));
            Assert.Equal("As asked.", error.Message);
            Assert.Equal(0, await ReadTotalAsync());
            Assert.Equal(Cursor.None, await CursorAsync());
        }
        fails = false;
        Assert.True(await ProjectAsync(projection, Move(1, 10), events));
        Assert.Equal(55, await ReadTotalAsync());
    }

    [SkippableFact]
    public async Task An_event_that_cannot_be_read_is_found_before_anything_is_written()
    {
        List<StoredEvent> events = [.. await WriteTallyAsync(10)];
        events[4] = events[4] with { Event = events[4].Event with { Payload = Bytes("{oops") } };
        var projection = NewProjection(static () => throw new InvalidOperationException("It does not come to this."));
        Assert.Equal(5, (await Assert.ThrowsAsync<UnreadableEventException>(() => ProjectAsync(projection, Move(1, 10), events))).Stored.Offset);
        Assert.Equal((0, Cursor.None), (await ReadTotalAsync(), await CursorAsync()));
        Assert.True(await ProjectAsync(NewProjection(static () => { }), Move(1, 4), [.. events.Take(4)]));
        Assert.Equal(10, await ReadTotalAsync());
    }

    [SkippableFact]
    public async Task A_cursor_that_has_moved_on_keeps_the_events_from_counting_again()
    {
        var events = await WriteTallyAsync(10);
        int runs = 0;
        var projection = NewProjection(() => runs++);
        Assert.True(await ProjectAsync(projection, Move(1, 10), events));
        Assert.False(await ProjectAsync(projection, Move(1, 10), events));
        Assert.False(await ProjectAsync(projection, Move(3, 10), events));
        Assert.Equal((1, 55L), (runs, await ReadTotalAsync()));
    }

    [SkippableFact]
    public async Task Events_of_other_types_move_the_cursor_alone()
    {
        await WriteAsync(Alice, 5);
        var events = (await Journal.ReadShardAsync(Shard, 0, 100, None)).Events;
        Assert.True(await ProjectAsync(NewProjection(static () => throw new InvalidOperationException("There is nothing to write.")), Move(1, 5), events));
        Assert.Equal(5, (await CursorAsync()).Offset);
    }

    [SkippableFact]
    public async Task Of_two_runners_that_race_each_event_counts_once()
    {
        await WriteTallyAsync(200);
        int faults = 0;
        var projection = NewProjection(() =>
        {
            if (Interlocked.Increment(ref faults) % 7 == 0) throw new InvalidOperationException("Now and then.");
        });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => RunAsync())));
        Assert.Equal(200 * 201 / 2, await ReadTotalAsync());
        Assert.Equal(200, (await CursorAsync()).Offset);

        async Task RunAsync()
        {
            while (await CursorAsync() is { Offset: < 200 } cursor)
            {
                var page = (await Journal.ReadShardAsync(Shard, cursor.Offset, 7, None)).Events;
                try
                {
                    await ProjectAsync(projection, Move(cursor.Version + 1, page[^1].Offset), page);
                }
                catch (InvalidOperationException)
                {
                    // As a runner does: it looks at the cursor again.
                }
            }
        }
    }

    /// <summary>Gives events to a projection, as a runner does.</summary>
    protected Task<bool> ProjectAsync(Subscription projection, CursorMove move, IReadOnlyList<StoredEvent> events) =>
        ((IEventProjector)projection.Bind(Type, Store)).ProjectAsync(move, events, None);

    protected static CursorMove Move(long version, long offset) => new(Key, new Cursor(version, First.Epoch, offset, offset, 0));

    protected async Task<Cursor> CursorAsync() => Assert.Single(await Store.Cursors.ReadAsync([Key], None));

    /// <summary>Commits the numbers from 1 on, and reads them.</summary>
    protected async Task<IReadOnlyList<StoredEvent>> WriteTallyAsync(int count)
    {
        var raised = await RaiseAsync(Shard, First);
        var tally = EntityId.Create("tally", "t");
        await CommitAsync(New(raised.LastOffset) with
        {
            Events = [.. Enumerable.Range(1, count).Select(i => new JournalEvent(tally, i, "counted", 1, Bytes($$"""{"By":{{i}}}""")))],
        });
        return (await Journal.ReadShardAsync(Shard, 0, count, None)).Events;
    }
}
