using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>Who may write: the fences.</summary>
public abstract class FenceConformance : StoreConformance
{
    [SkippableFact]
    public async Task A_shard_without_an_owner_has_no_fence_and_takes_nothing()
    {
        Assert.Empty(await Journal.ReadFencesAsync(None));
        foreach (var fence in new[] { First, default })
        {
            var outcome = await AppendAsync(New(0) with { Fence = fence, Events = Events(Alice, 1, 1) });
            Assert.Equal((AppendStatus.Fenced, default), (outcome.Status, outcome.Current!.Value));
        }
        Assert.Empty((await ReadAsync(Alice)).Events);
    }

    [SkippableFact]
    public async Task The_first_raise_gives_the_shard_its_owner()
    {
        Assert.Equal(new FenceOutcome(Shard, Raised: true, First, LastOffset: 0, 0, 0), await RaiseAsync(Shard, First));
        Assert.Equal([(Shard, First)], await Journal.ReadFencesAsync(None));
    }

    [SkippableFact]
    public async Task The_first_term_of_a_cluster_is_later_than_all_generations_without_one()
    {
        var alone = new Fence(new Epoch(0, 7), OwnerB);
        Assert.True((await RaiseAsync(Shard, alone)).Raised);
        Assert.True((await RaiseAsync(Shard, First)).Raised);
        Assert.Equal(new FenceOutcome(Shard, Raised: false, First, LastOffset: 0, 0, 0), await RaiseAsync(Shard, alone with { Epoch = new Epoch(0, 8) }));
    }

    [SkippableFact]
    public async Task Raising_the_same_fence_again_is_harmless()
    {
        await WriteAsync(Alice, 2);
        Assert.Equal(new FenceOutcome(Shard, Raised: true, First, LastOffset: 2, 0, 0), await RaiseAsync(Shard, First));
        await CommitAsync(New(2) with { Events = Events(Alice, 3, 1) });
    }

    [SkippableTheory]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public async Task An_earlier_or_equal_epoch_of_somebody_else_is_refused(long term, int generation)
    {
        var current = new Fence(new Epoch(2, 2), OwnerA);
        await RaiseAsync(Shard, current);
        var outcome = await RaiseAsync(Shard, new Fence(new Epoch(term, generation), OwnerB));
        Assert.False(outcome.Raised);
        Assert.Equal(current, outcome.Current);
        Assert.Equal([(Shard, current)], await Journal.ReadFencesAsync(None));
    }

    [SkippableFact]
    public async Task The_same_owner_cannot_go_back()
    {
        var current = new Fence(new Epoch(2, 2), OwnerA);
        await RaiseAsync(Shard, current);
        Assert.False((await RaiseAsync(Shard, current with { Epoch = new Epoch(2, 1) })).Raised);
    }

    [SkippableTheory]
    [InlineData(2, 3)]
    [InlineData(3, 0)]
    public async Task A_later_epoch_is_raised_and_reports_the_last_offset(long term, int generation)
    {
        await RaiseAsync(Shard, new Fence(new Epoch(2, 2), OwnerA));
        await CommitAsync(New(0) with { Fence = new Fence(new Epoch(2, 2), OwnerA), Events = Events(Alice, 1, 5) });
        var later = new Fence(new Epoch(term, generation), OwnerB);
        Assert.Equal(new FenceOutcome(Shard, Raised: true, later, LastOffset: 5, 0, 0), await RaiseAsync(Shard, later));
    }

    [SkippableFact]
    public async Task Many_shards_are_raised_in_one_call_each_judged_apart()
    {
        await RaiseAsync(Shard, new Fence(new Epoch(9, 0), OwnerB));
        var raises = Enumerable.Range(0, Grid.ShardCount).Reverse().Select(i => new FenceRaise(new ShardId(i), First)).ToArray();
        var outcomes = await Journal.RaiseFencesAsync(raises, None);
        Assert.Equal(raises.Select(raise => raise.Shard), outcomes.Select(outcome => outcome.Shard));
        Assert.All(outcomes, outcome => Assert.Equal(outcome.Shard != Shard, outcome.Raised));
        Assert.Equal(Grid.ShardCount, (await Journal.ReadFencesAsync(None)).Count);
    }

    [SkippableTheory]
    [InlineData(2, 0, true)]
    [InlineData(1, 1, true)]
    [InlineData(1, 0, false)]
    public async Task Only_exactly_the_fence_of_the_row_may_write(long term, int generation, bool sameOwner)
    {
        await WriteAsync(Alice, 1);
        var other = new Fence(new Epoch(term, generation), sameOwner ? OwnerA : OwnerB);
        var outcome = await AppendAsync(New(1) with { Fence = other, Events = Events(Alice, 2, 1), Replies = [Reply(Alice, Command(5))] });
        Assert.Equal((AppendStatus.Fenced, First), (outcome.Status, outcome.Current!.Value));
        Assert.Single((await ReadAsync(Alice)).Events);
        Assert.Null(await FindReplyAsync(Alice, Command(5)));
    }

    [SkippableFact]
    public async Task After_a_raise_the_former_owner_writes_nothing_any_more()
    {
        await WriteAsync(Alice, 1);
        await RaiseAsync(Shard, new Fence(new Epoch(2, 0), OwnerB));
        Assert.Equal(AppendStatus.Fenced, (await AppendAsync(New(1) with { Events = Events(Alice, 2, 1) })).Status);
        Assert.Equal(AppendStatus.Fenced, (await AppendAsync(New(1))).Status);
    }

    [SkippableFact]
    public async Task Fences_of_nobody_and_shards_of_no_grid_are_refused_with_a_clear_error()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => RaiseAsync(Shard, new Fence(new Epoch(0, 0), OwnerA)));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => RaiseAsync(new ShardId(GridIdentity.ShardCountMax), First));
        Assert.Contains("shard 65536", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => RaiseAsync(new ShardId(-1), First));
        await Assert.ThrowsAsync<ArgumentException>(
            () => Journal.RaiseFencesAsync([new FenceRaise(Shard, First), new FenceRaise(Shard, First)], None));
        Assert.Empty(await Journal.ReadFencesAsync(None));
    }

    [SkippableFact]
    public async Task Shards_of_a_role_are_numbered_on_from_those_of_the_grid()
    {
        var shard = new ShardId(GridIdentity.ShardCountMax - 1);
        await RaiseAsync(shard, First);
        var append = New(0) with { Shard = shard, Events = Events(Alice, 1, 2), Timers = [Set(Timer(Alice, "t", 1))] };
        Assert.Equal(AppendStatus.Committed, (await AppendAsync(append)).Status);
        Assert.Equal(2, (await Journal.ReadShardAsync(shard, 0, 10, None)).Events.Count);
        Assert.Single(await Journal.ReadTimersAsync(shard, after: null, 10, None));
    }
}
