using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>The index of timers by due time.</summary>
public abstract class TimerConformance : StoreConformance
{
    [SkippableFact]
    public async Task Timers_come_in_order_and_in_pages()
    {
        await RaiseAsync(Shard, First);
        string[] keys = ["a", "b", "\uFF5E", "\U0001F600"];
        var expected = (
            from due in new long[] { 0, 5, long.MaxValue }
            from type in new[] { "t", "u" }
            from key in keys
            from name in new[] { "$x", "n", "n2" }
            select Timer(EntityId.Create(type, key), $"{name}-{due}", due)).ToList();
        var shuffled = expected.ToArray();
        new Random(3).Shuffle(shuffled);
        await CommitAsync(New(0) with { Timers = [.. shuffled.Select(Set)] });
        Assert.Equal(expected.Select(Show), (await Journal.ReadTimersAsync(Shard, null, 1000, None)).Select(Show));
        var paged = new List<TimerRecord>();
        while (await Journal.ReadTimersAsync(Shard, paged.Count == 0 ? null : paged[^1].Position, 7, None) is { Count: > 0 } page) paged.AddRange(page);
        Assert.Equal(expected.Select(Show), paged.Select(Show));
        Assert.Empty(await Journal.ReadTimersAsync(OtherShard, null, 10, None));
        // A position need not be that of a timer.
        var from = await Journal.ReadTimersAsync(Shard, new TimerPosition(5, EntityId.Create("a", "z"), ""), 1, None);
        Assert.Equal(Show(expected[24]), Show(Assert.Single(from)));
    }

    [SkippableFact]
    public async Task A_timer_replaces_the_one_of_its_name_and_null_removes_it()
    {
        await RaiseAsync(Shard, First);
        await CommitAsync(New(0) with { Timers = [Set(Timer(Alice, "a", 10)), Set(Timer(Alice, "b", 20)), Set(Timer(Bob, "a", 15))] });
        await CommitAsync(New(0) with { Timers = [Set(Timer(Alice, "a", 30, 7)), new TimerChange(Bob, "a", null), new TimerChange(Bob, "none", null)] });
        Assert.Equal([Show(Timer(Alice, "b", 20)), Show(Timer(Alice, "a", 30, 7))], (await Journal.ReadTimersAsync(Shard, null, 10, None)).Select(Show));
    }

    [SkippableFact]
    public async Task Changes_of_one_append_are_applied_in_order()
    {
        await RaiseAsync(Shard, First);
        await CommitAsync(New(0) with
        {
            Timers = [Set(Timer(Alice, "a", 1)), new TimerChange(Alice, "a", null), Set(Timer(Alice, "a", 3)), Set(Timer(Alice, "a", 2)), Set(Timer(Bob, "b", 1)), new TimerChange(Bob, "b", null)],
            Attachments = [new AttachmentChange(Alice, "x", Bytes("1")), new AttachmentChange(Alice, "x", null), new AttachmentChange(Alice, "x", Bytes("2")), new AttachmentChange(Alice, "y", Bytes("3")), new AttachmentChange(Alice, "y", null)],
        });
        await ReopenAsync();
        Assert.Equal([Show(Timer(Alice, "a", 2))], (await Journal.ReadTimersAsync(Shard, null, 10, None)).Select(Show));
        Assert.Equal(Bytes("2"), (await Journal.ReadAttachmentAsync(Alice, "x", None))!.Value.ToArray());
        Assert.Null(await Journal.ReadAttachmentAsync(Alice, "y", None));
        Assert.Null(await Journal.ReadAttachmentAsync(Bob, "x", None));
    }
}
