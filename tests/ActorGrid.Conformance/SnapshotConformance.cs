using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>Snapshots rest on events that are in the journal, and are written by the owner only.</summary>
public abstract class SnapshotConformance : StoreConformance
{
    [SkippableFact]
    public async Task The_latest_snapshot_is_kept_and_an_older_one_left_out()
    {
        await WriteAsync(Alice, 10);
        Assert.Equal(SnapshotOutcome.Saved, await SaveAsync(At(5, "five")));
        Assert.Equal(SnapshotOutcome.Saved, await SaveAsync(At(8, "eight")));
        Assert.Equal(SnapshotOutcome.Saved, await SaveAsync(At(6, "six")));
        Assert.Equal(SnapshotOutcome.Saved, await SaveAsync(At(8, "eight again")));
        await ReopenAsync();
        Assert.Equal(Show(At(8, "eight")), Show((await ReadAsync(Alice)).Snapshot));
    }

    [SkippableFact]
    public async Task Only_the_owner_saves()
    {
        await WriteAsync(Alice, 3);
        Assert.Equal(SnapshotOutcome.Fenced, await SaveAsync(At(3, "x"), First with { Owner = OwnerB }));
        Assert.Equal(SnapshotOutcome.Fenced, await SaveAsync(At(3, "x"), new Fence(new Epoch(1, 1), OwnerA)));
        var next = new Fence(new Epoch(2, 0), OwnerB);
        await RaiseAsync(Shard, next);
        Assert.Equal(SnapshotOutcome.Fenced, await SaveAsync(At(3, "x")));
        Assert.Equal(SnapshotOutcome.Fenced, Assert.Single(await Store.Snapshots.SaveAsync([new SnapshotWrite(OtherShard, First, At(3, "x"))], None)));
        Assert.Null((await ReadAsync(Alice)).Snapshot);
        Assert.Equal(SnapshotOutcome.Saved, await SaveAsync(At(3, "x"), next));
    }

    [SkippableFact]
    public async Task The_event_that_it_rests_on_must_be_in_the_journal()
    {
        await WriteAsync(Alice, 3);
        Assert.Equal(SnapshotOutcome.NoSuchEvent, await SaveAsync(At(4, "x")));
        Assert.Equal(SnapshotOutcome.NoSuchEvent, await SaveAsync(At(0, "x")));
        Assert.Equal(SnapshotOutcome.NoSuchEvent, await SaveAsync(At(3, "x") with { Epoch = new Epoch(1, 1) }));
        Assert.Equal(SnapshotOutcome.NoSuchEvent, await SaveAsync(At(1, "x") with { Entity = Bob }));
        Assert.Null((await ReadAsync(Alice)).Snapshot);
    }

    [SkippableFact]
    public async Task Several_are_saved_in_one_call_each_judged_apart()
    {
        await WriteAsync(Alice, 3);
        await CommitAsync(New(3) with { Events = Events(Bob, 1, 2) });
        var outcomes = await Store.Snapshots.SaveAsync(
            [
                new SnapshotWrite(Shard, First, At(9, "a")),
                new SnapshotWrite(Shard, First, At(2, "b") with { Entity = Bob }),
                new SnapshotWrite(Shard, First with { Owner = OwnerB }, At(3, "c")),
                new SnapshotWrite(Shard, First, At(2, "d")),
            ],
            None);
        Assert.Equal([SnapshotOutcome.NoSuchEvent, SnapshotOutcome.Saved, SnapshotOutcome.Fenced, SnapshotOutcome.Saved], outcomes);
        Assert.Equal(2, (await ReadAsync(Bob)).Snapshot!.Sequence);
        Assert.Equal(2, (await ReadAsync(Alice)).Snapshot!.Sequence);
    }

    [SkippableFact]
    public async Task A_snapshot_that_is_too_large_is_an_error_and_one_of_the_limit_is_saved()
    {
        await WriteAsync(Alice, 1);
        var largest = At(1, "") with { Payload = new byte[JournalLimits.PayloadBytesMax] };
        await Assert.ThrowsAsync<ArgumentException>(() => SaveAsync(largest with { Payload = new byte[JournalLimits.PayloadBytesMax + 1] }));
        Assert.Equal(SnapshotOutcome.Saved, await SaveAsync(largest));
        Assert.Equal(JournalLimits.PayloadBytesMax, (await ReadAsync(Alice)).Snapshot!.Payload.Length);
    }

    private static SnapshotRecord At(long sequence, string state) => new(Alice, sequence, First.Epoch, 1234, Bytes(state));

    private Task<SnapshotOutcome> SaveAsync(SnapshotRecord snapshot) => SaveAsync(snapshot, First);

    private async Task<SnapshotOutcome> SaveAsync(SnapshotRecord snapshot, Fence fence) =>
        Assert.Single(await Store.Snapshots.SaveAsync([new SnapshotWrite(Shard, fence, snapshot)], None));
}
