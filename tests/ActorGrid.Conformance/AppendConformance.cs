using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>What is written: all of an append or nothing, under the fence, at the expected offset.</summary>
public abstract class AppendConformance : StoreConformance
{
    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_append_at_another_offset_leaves_nothing(long expected)
    {
        await WriteAsync(Alice, 2);
        var outcome = await AppendAsync(New(expected) with
        {
            Events = Events(Alice, 3, 1),
            Replies = [Reply(Alice, Command(7))],
            Timers = [Set(Timer(Alice, "t", 9))],
            Attachments = [new AttachmentChange(Alice, "a", Bytes("x"))],
        });
        Assert.Equal((AppendStatus.Fenced, First), (outcome.Status, outcome.Current!.Value));
        Assert.Equal(2, (await ReadAsync(Alice)).Events.Count);
        Assert.Null(await FindReplyAsync(Alice, Command(7)));
        Assert.Empty(await Journal.ReadTimersAsync(Shard, null, 10, None));
        Assert.Null(await Journal.ReadAttachmentAsync(Alice, "a", None));
        Assert.Equal(0, (await RaiseAsync(Shard, First)).YoungestReplyIssuedAtUnixMs);
    }

    [SkippableFact]
    public async Task An_append_without_events_checks_fence_and_offset_and_keeps_what_it_has()
    {
        await WriteAsync(Alice, 1);
        await CommitAsync(New(1));
        await CommitAsync(New(1) with { Replies = [Reply(Alice, Command(7))] });
        Assert.Equal(AppendStatus.Fenced, (await AppendAsync(New(0))).Status);
        Assert.Equal(AppendStatus.Fenced, (await AppendAsync(New(1) with { Fence = First with { Owner = OwnerB } })).Status);
        Assert.NotNull(await FindReplyAsync(Alice, Command(7)));
        Assert.Equal(1, (await RaiseAsync(Shard, First)).LastOffset);
    }

    [SkippableFact]
    public async Task Each_shard_of_a_call_is_judged_apart()
    {
        await Journal.RaiseFencesAsync([.. Enumerable.Range(0, 8).Select(i => new FenceRaise(new ShardId(i), First))], None);
        await RaiseAsync(Shard, new Fence(new Epoch(2, 0), OwnerB));
        var appends = Enumerable.Range(0, 8).Reverse()
            .Select(i => New(i == 5 ? 1 : 0) with { Shard = new ShardId(i), Events = Events(EntityId.Create("e", $"k{i}"), i == 6 ? 2 : 1, 3) }).ToArray();
        var outcomes = await Journal.AppendAsync(appends, None);
        Assert.Equal(appends.Select(append => append.Shard), outcomes.Select(outcome => outcome.Shard));
        foreach (var outcome in outcomes)
        {
            var expected = outcome.Shard.Value switch { 3 or 5 => AppendStatus.Fenced, 6 => AppendStatus.Refused, _ => AppendStatus.Committed };
            Assert.Equal(expected, outcome.Status);
            int count = expected == AppendStatus.Committed ? 3 : 0;
            Assert.Equal(count, (await ReadAsync(EntityId.Create("e", $"k{outcome.Shard.Value}"))).Events.Count);
            Assert.Equal(count, (await Journal.ReadShardAsync(outcome.Shard, 0, 10, None)).Events.Count);
        }
    }

    [SkippableFact]
    public async Task An_event_that_does_not_follow_on_is_refused_for_good_and_leaves_nothing()
    {
        await WriteAsync(Alice, 2);
        foreach (long sequence in new long[] { 2, 4 })
        {
            var outcome = await AppendAsync(New(2) with { Events = [Event(Bob, 1), Event(Alice, sequence)], Replies = [Reply(Bob, Command(1))] });
            Assert.Equal(AppendStatus.Refused, outcome.Status);
            Assert.False(outcome.Error!.IsTransient);
            Assert.Contains("account/alice", outcome.Error.Message, StringComparison.Ordinal);
        }
        Assert.Empty((await ReadAsync(Bob)).Events);
        Assert.Empty(await Journal.ListEntitiesAsync("account", "alice", 10, None));
        await CommitAsync(New(2) with { Events = Events(Alice, 3, 1) });
    }

    [SkippableFact]
    public async Task A_second_reply_to_a_command_is_refused_for_good_and_leaves_nothing()
    {
        await RaiseAsync(Shard, First);
        await CommitAsync(New(0) with { Events = Events(Alice, 1, 1), Replies = [Reply(Alice, Command(7), "first")] });
        var outcome = await AppendAsync(New(1) with { Events = Events(Alice, 2, 1), Replies = [Reply(Alice, Command(7), "second")] });
        Assert.Equal(AppendStatus.Refused, outcome.Status);
        Assert.False(outcome.Error!.IsTransient);
        Assert.Single((await ReadAsync(Alice)).Events);
        Assert.Equal(Show(Reply(Alice, Command(7), "first")), Show(await FindReplyAsync(Alice, Command(7))));
        await CommitAsync(New(1) with { Events = Events(Alice, 2, 1), Replies = [Reply(Bob, Command(7))] });
    }

    [SkippableFact]
    public async Task Events_of_several_entities_keep_their_order_and_get_offsets_without_gaps()
    {
        await RaiseAsync(Shard, First);
        JournalEvent[] events = [Event(Alice, 1), Event(Bob, 1), Event(Alice, 2), Event(Alice, 3), Event(Bob, 2)];
        await CommitAsync(New(0) with { Events = events });
        var second = new Fence(new Epoch(1, 1), OwnerA);
        await RaiseAsync(Shard, second);
        await CommitAsync(New(5) with { Fence = second, Events = Events(Bob, 3, 2) });
        var read = (await Journal.ReadShardAsync(Shard, 0, 100, None)).Events;
        AssertSame([.. events, .. Events(Bob, 3, 2)], read);
        Assert.Equal(Enumerable.Range(1, 7).Select(i => (long)i), read.Select(e => e.Offset));
        Assert.Equal([1, 1, 1, 1, 1, 2, 2], read.Select(e => e.Epoch == second.Epoch ? 2 : 1));
    }

    [SkippableFact]
    public async Task The_writer_may_use_his_memory_again_and_so_may_the_reader()
    {
        await RaiseAsync(Shard, First);
        byte[] payload = Bytes("payload");
        await CommitAsync(New(0) with
        {
            Events = [Event(Alice, 1) with { Payload = payload }],
            Attachments = [new AttachmentChange(Alice, "a", payload)],
        });
        payload.AsSpan().Clear();
        for (int i = 0; i < 2; i++)
        {
            var e = Assert.Single((await ReadAsync(Alice)).Events);
            Assert.Equal("payload", System.Text.Encoding.UTF8.GetString(e.Event.Payload.Span));
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(e.Event.Payload, out var array));
            array.AsSpan().Clear();
            Assert.Equal("payload", System.Text.Encoding.UTF8.GetString((await Journal.ReadAttachmentAsync(Alice, "a", None))!.Value.Span));
        }
    }

    [SkippableFact]
    public async Task A_cancelled_append_writes_nothing()
    {
        await WriteAsync(Alice, 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Journal.AppendAsync([New(1) with { Events = Events(Alice, 2, 1) }], new CancellationToken(canceled: true)));
        Assert.Single((await ReadAsync(Alice)).Events);
    }

    [SkippableFact]
    public async Task What_passes_a_limit_or_contradicts_itself_is_an_error_before_anything_is_written()
    {
        await RaiseAsync(Shard, First);
        byte[] large = new byte[JournalLimits.PayloadBytesMax + 1];
        ShardAppend[] bad =
        [
            New(0) with { Shard = new ShardId(GridIdentity.ShardCountMax) },
            New(-1),
            New(0) with { Events = [Event(Alice, 1) with { Payload = large }] },
            New(0) with { Replies = [Reply(Alice, Command(1)) with { Payload = large }] },
            New(0) with { Timers = [Set(Timer(Alice, "t", 1) with { Payload = large })] },
            New(0) with { Timers = [new TimerChange(Alice, "other", Timer(Alice, "t", 1))] },
            New(0) with { Attachments = [new AttachmentChange(Alice, "", Bytes("x"))] },
            New(0) with { Attachments = [new AttachmentChange(Alice, new string('n', 201), Bytes("x"))] },
        ];
        foreach (var append in bad) await Assert.ThrowsAsync<ArgumentException>(() => AppendAsync(append));
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.AppendAsync([New(0), New(0)], None));
        Assert.Empty(await Journal.AppendAsync([], None));
        Assert.Empty((await Journal.ReadShardAsync(Shard, 0, 10, None)).Events);
    }

    [SkippableFact]
    public async Task The_largest_payloads_and_empty_ones_come_back_as_they_were()
    {
        await RaiseAsync(Shard, First);
        byte[] large = new byte[JournalLimits.PayloadBytesMax];
        new Random(1).NextBytes(large);
        await CommitAsync(New(0) with
        {
            Events = [Event(Alice, 1) with { Payload = large }, Event(Alice, 2) with { Payload = default, Manifest = "$empty" }],
            Replies = [Reply(Alice, Command(1)) with { Payload = default }],
            Attachments = [new AttachmentChange(Alice, new string('n', 200), large), new AttachmentChange(Alice, "empty", Array.Empty<byte>())],
        });
        var events = (await ReadAsync(Alice)).Events;
        AssertSame(large, events[0].Event.Payload);
        Assert.True(events[1].Event.Payload.IsEmpty);
        AssertSame(large, (await Journal.ReadAttachmentAsync(Alice, new string('n', 200), None))!.Value);
        Assert.Equal(0, (await Journal.ReadAttachmentAsync(Alice, "empty", None))!.Value.Length);
        Assert.Equal(0, (await FindReplyAsync(Alice, Command(1)))!.Payload.Length);
    }

    private static void AssertSame(byte[] expected, ReadOnlyMemory<byte> actual) => Assert.True(expected.AsSpan().SequenceEqual(actual.Span));
}
