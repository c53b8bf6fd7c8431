namespace ActorGrid.Conformance;

/// <summary>Replies are found until they are forgotten, and the marks tell what may have been.</summary>
public abstract class ReplyConformance : StoreConformance
{
    [SkippableFact]
    public async Task A_reply_is_found_by_entity_and_command()
    {
        await RaiseAsync(Shard, First);
        var accepted = Reply(Alice, Command(5, 1), "yes");
        var rejected = Reply(Alice, Command(5, 2), "no", Persistence.ReplyKind.Rejected);
        var others = Reply(Bob, Command(5, 1), "bob's");
        await CommitAsync(New(0) with { Replies = [accepted, rejected, others] });
        foreach (var reply in new[] { accepted, rejected, others })
        {
            Assert.Equal(Show(reply), Show(await FindReplyAsync(reply.Entity, reply.Command)));
        }
        Assert.Null(await FindReplyAsync(Bob, Command(5, 2)));
        Assert.Null(await FindReplyAsync(EntityId("carol"), Command(5, 1)));
    }

    [SkippableFact]
    public async Task The_mark_of_the_youngest_reply_is_kept_per_shard_and_never_moves_back()
    {
        await RaiseAsync(Shard, First);
        await RaiseAsync(OtherShard, First);
        await CommitAsync(New(0) with { Replies = [Reply(Alice, Command(50)), Reply(Alice, Command(70)), Reply(Alice, Command(60))] });
        await CommitAsync(New(0) with { Replies = [Reply(Alice, Command(20))] });
        Assert.Equal(70, (await RaiseAsync(Shard, First)).YoungestReplyIssuedAtUnixMs);
        Assert.Equal(0, (await RaiseAsync(OtherShard, First)).YoungestReplyIssuedAtUnixMs);
        Assert.Equal(4, await Journal.ForgetRepliesAsync(1000, 10, None));
        Assert.Equal(70, (await RaiseAsync(Shard, First)).YoungestReplyIssuedAtUnixMs);
    }

    [SkippableFact]
    public async Task Replies_are_forgotten_oldest_first_up_to_a_bound_and_only_before_the_time()
    {
        await RaiseAsync(Shard, First);
        await CommitAsync(New(0) with { Replies = [.. new long[] { 30, 10, 50, 20, 40 }.Select(at => Reply(Alice, Command(at)))] });
        Assert.Equal(0, (await RaiseAsync(Shard, First)).RepliesForgottenBeforeUnixMs);
        Assert.Equal(0, (await Journal.FindReplyAsync(Alice, Command(10), None)).RepliesForgottenBeforeUnixMs);
        Assert.Equal(2, await Journal.ForgetRepliesAsync(40, 2, None));
        // Whoever looks for a reply learns at the same moment that it may have been forgotten.
        Assert.Equal(new Persistence.ReplyLookUp(null, 40), await Journal.FindReplyAsync(Alice, Command(10), None));
        Assert.Equal(40, (await Journal.FindReplyAsync(Alice, Command(50), None)).RepliesForgottenBeforeUnixMs);
        Assert.Equal([30, 40, 50], await KeptAsync());
        // The time is recorded even though replies from before it are still there.
        Assert.Equal(40, (await RaiseAsync(Shard, First)).RepliesForgottenBeforeUnixMs);
        Assert.Equal(1, await Journal.ForgetRepliesAsync(40, 2, None));
        Assert.Equal([40, 50], await KeptAsync());
        Assert.Equal(0, await Journal.ForgetRepliesAsync(20, 2, None));
        Assert.Equal(40, (await RaiseAsync(OtherShard, First)).RepliesForgottenBeforeUnixMs);
        await ReopenAsync();
        Assert.Equal((40, 50), (await RaiseAsync(Shard, First)) is var o ? (o.RepliesForgottenBeforeUnixMs, o.YoungestReplyIssuedAtUnixMs) : default);
        Assert.Equal([40, 50], await KeptAsync());
    }

    private static Persistence.EntityId EntityId(string key) => Persistence.EntityId.Create("account", key);

    private async Task<List<long>> KeptAsync()
    {
        var kept = new List<long>();
        for (long at = 10; at <= 50; at += 10)
        {
            if (await FindReplyAsync(Alice, Command(at)) is not null) kept.Add(at);
        }
        return kept;
    }
}
