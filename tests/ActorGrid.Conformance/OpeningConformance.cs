using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>Opening again finds everything; opening as another grid is an error.</summary>
public abstract class OpeningConformance : StoreConformance
{
    [SkippableFact]
    public async Task All_is_there_after_opening_again()
    {
        await WriteAsync(Alice, 5);
        await Store.Snapshots.SaveAsync([new SnapshotWrite(Shard, First, new SnapshotRecord(Alice, 2, First.Epoch, 9, Bytes("s")))], None);
        await CommitAsync(New(5) with
        {
            Events = Events(Bob, 1, 2),
            Replies = [Reply(Bob, Command(77))],
            Timers = [Set(Timer(Bob, "t", 5))],
            Attachments = [new AttachmentChange(Bob, "a", Bytes("x"))],
        });
        await ReopenAsync();
        Assert.Equal([(Shard, First)], await Journal.ReadFencesAsync(None));
        AssertSame(Events(Alice, 3, 3), (await ReadAsync(Alice)).Events);
        Assert.Equal(2, (await ReadAsync(Alice)).Snapshot!.Sequence);
        AssertSame([.. Events(Alice, 1, 5), .. Events(Bob, 1, 2)], (await Journal.ReadShardAsync(Shard, 0, 100, None)).Events);
        Assert.NotNull(await FindReplyAsync(Bob, Command(77)));
        Assert.Single(await Journal.ReadTimersAsync(Shard, null, 10, None));
        Assert.NotNull(await Journal.ReadAttachmentAsync(Bob, "a", None));
        Assert.Equal(["alice", "bob"], await Journal.ListEntitiesAsync("account", null, 10, None));
        // The owner goes on where it was, and a restart raises its fence as a takeover would.
        await CommitAsync(New(7) with { Events = Events(Bob, 3, 1) });
        Assert.Equal(8, (await RaiseAsync(Shard, new Fence(new Epoch(2, 0), OwnerB))).LastOffset);
    }

    [SkippableTheory]
    [InlineData("another", 8)]
    [InlineData("conformance", 16)]
    public async Task Another_grid_is_refused_by_name_and_the_right_one_still_opens(string name, int shardCount)
    {
        await WriteAsync(Alice, 1);
        var store = await CloseAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync(new GridIdentity(name, shardCount), None));
        Assert.Contains("conformance", error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        await ReopenAsync();
        Assert.Single((await ReadAsync(Alice)).Events);
    }

    [SkippableFact]
    public async Task Disposing_twice_is_harmless()
    {
        await Store.DisposeAsync();
        await Store.DisposeAsync();
    }
}
