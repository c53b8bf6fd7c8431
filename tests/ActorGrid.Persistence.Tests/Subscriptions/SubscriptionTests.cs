using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>What a subscription is given, in which order, and how far it says that it has come.</summary>
public sealed class SubscriptionTests
{
    /// <summary>Two ledgers of one shard, and one of the other.</summary>
    private static readonly string A = KeysOf(0)[0], B = KeysOf(0)[1], Elsewhere = KeysOf(1)[0];

    [Fact]
    public void Each_event_is_given_as_it_is_committed_in_order()
    {
        var rig = new SubscriptionRig();
        rig.Add(A, 1, 2);
        rig.Add(B, 3);
        rig.Add(A, 4);
        Assert.Equal([$"{A}:1", $"{A}:2", $"{B}:3", $"{A}:4"], rig.TakeGiven());
        var last = rig.Envelopes[^1];
        Assert.Equal((EntityId.Create("ledger", A), 3, 4), (last.Entity, last.Sequence, last.Offset));
        Assert.Equal(rig.Node.Clock.GetUtcNow(), last.At);
        Assert.Equal(new ShardId(0), last.Shard);
    }

    [Fact]
    public void Events_of_encrypted_entities_are_given_in_clear_and_those_of_forgotten_ones_to_nobody()
    {
        var keys = new InMemoryKeyStore();
        var rig = new SubscriptionRig(keys: keys);
        rig.Handler = static (_, token) => SubscriptionRig.Never(token);
        rig.Add(A, 1, 2);
        rig.Add(B, 3);
        rig.Add(A, 4);
        Assert.All(rig.Node.History("ledger", A), e => Assert.True(EncryptedPayload.IsEncrypted(e.Payload.Span)));
        rig.TakeGiven();
        keys.Forget(EntityId.Create("ledger", B));
        rig.Handler = static (_, _) => Task.CompletedTask;
        keys.OnCall = static (_, _) => throw new IOException("The key store is away.");
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Empty(rig.TakeGiven());
        keys.OnCall = null;
        rig.Advance(60);
        Assert.Equal([$"{A}:1", $"{A}:2", $"{A}:4"], rig.TakeGiven());
        rig.Advance(2);
        Assert.Equal(4, rig.CursorOf(A).Offset);
    }

    [Fact]
    public void A_key_store_that_never_answers_and_an_event_without_its_key_hold_up_what_comes_after_and_nothing_before()
    {
        var keys = new InMemoryKeyStore();
        var rig = new SubscriptionRig(keys: keys);
        rig.Handler = static (_, token) => SubscriptionRig.Never(token);
        rig.Add(A, 1);
        rig.Add(B, 2);
        rig.TakeGiven();
        rig.Handler = static (_, _) => Task.CompletedTask;
        keys.OnCall = static (entity, _) => entity.Key == B ? new ValueTask(new TaskCompletionSource().Task) : default;
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Equal([$"{A}:1"], rig.TakeGiven());
        keys.OnCall = null;
        rig.Advance(11);
        Assert.Equal([$"{B}:2"], rig.TakeGiven());
    }

    [Fact]
    public void Who_is_forgotten_while_events_wait_is_given_no_more()
    {
        var keys = new InMemoryKeyStore();
        var rig = new SubscriptionRig(keys: keys);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Handler = (e, _) => e.Entity.Key == A ? gate.Task : Task.CompletedTask;
        rig.Add(B, 1);
        rig.Add(A, 2);
        rig.Add(B, 3);
        Assert.Equal([$"{B}:1", $"{A}:2"], rig.TakeGiven());
        // The key was asked for with the first event, and is not remembered for long.
        keys.Forget(EntityId.Create("ledger", B));
        rig.Advance(1.01);
        gate.SetResult();
        rig.Node.Run();
        rig.Advance(1.01);
        Assert.Empty(rig.TakeGiven());
        Assert.Equal(3, rig.CursorOf(A).Offset);
    }

    [Fact]
    public void A_new_name_begins_with_the_first_event()
    {
        var rig = new SubscriptionRig();
        rig.Handler = static (_, token) => SubscriptionRig.Never(token);
        rig.Add(A, [.. Enumerable.Range(1, 300)]);
        rig.Given.Clear();
        rig.Handler = static (_, _) => Task.CompletedTask;
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Equal(Enumerable.Range(1, 300).Select(i => $"{A}:{i}"), rig.TakeGiven());
    }

    [Fact]
    public void A_name_that_begins_from_now_gets_what_is_committed_after_its_first_start_and_all_of_that()
    {
        var history = new SubscriptionRig(new SubscriptionOptions { FromNow = true });
        history.Add(A, 1);
        // The shard was empty at the start, and that is on record.
        Assert.Equal([$"{A}:1"], history.TakeGiven());
        Assert.Equal(0, history.CursorOf(Elsewhere).Offset);
        Assert.Equal(1, history.CursorOf(Elsewhere).Version);
        history.Node.Restart();
        history.Add(Elsewhere, 2);
        Assert.Contains($"{Elsewhere}:2", history.TakeGiven());
    }

    [Fact]
    public void The_cursor_is_stored_after_a_second_and_a_later_process_goes_on_from_it()
    {
        var rig = new SubscriptionRig();
        rig.Add(A, 1, 2);
        Assert.Equal(0, rig.CursorOf(A).Offset);
        rig.Advance(1.01);
        Assert.Equal(2, rig.CursorOf(A).Offset);
        rig.Add(A, 3);
        rig.TakeGiven();
        rig.Node.Restart();
        rig.Add(A, 4);
        // What was not on record is given again.
        Assert.Equal([$"{A}:3", $"{A}:4"], rig.TakeGiven());
    }

    [Fact]
    public void A_long_backlog_stores_its_cursor_on_the_way()
    {
        var rig = new SubscriptionRig();
        rig.Handler = static (_, token) => SubscriptionRig.Never(token);
        rig.Add(A, [.. Enumerable.Range(1, 1800)]);
        rig.Handler = (e, token) => e.Offset == 1700 ? SubscriptionRig.Never(token) : Task.CompletedTask;
        rig.Node.Restart();
        rig.Node.Run();
        Assert.InRange(rig.CursorOf(A).Offset, 1200, 1699);
        Assert.InRange(rig.CursorOf(A).GivenTo, 1700, 3000);
    }

    [Fact]
    public void An_orderly_stop_stores_the_cursor_and_nothing_is_given_again()
    {
        var rig = new SubscriptionRig();
        rig.Add(A, 1, 2);
        rig.Node.Run(() => rig.Node.Subscriptions.StopAsync());
        Assert.Equal((2, 2), (rig.CursorOf(A).Offset, rig.CursorOf(A).GivenTo));
        rig.Add(A, 3);
        Assert.Equal([$"{A}:1", $"{A}:2"], rig.TakeGiven());
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Equal([$"{A}:3"], rig.TakeGiven());
    }

    [Fact]
    public void A_stop_cancels_the_handler_at_work_and_gives_its_event_again_later()
    {
        var rig = new SubscriptionRig();
        rig.Handler = static (e, token) => e.Sequence == 2 ? SubscriptionRig.Never(token) : Task.CompletedTask;
        rig.Add(A, 1, 2, 3);
        rig.Node.Run(() => rig.Node.Subscriptions.StopAsync());
        Assert.Equal([$"{A}:1", $"{A}:2"], rig.TakeGiven());
        Assert.Equal((1, 2), (rig.CursorOf(A).Offset, rig.CursorOf(A).GivenTo));
        rig.Handler = static (_, _) => Task.CompletedTask;
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Equal([$"{A}:2", $"{A}:3"], rig.TakeGiven());
    }

    [Fact]
    public async Task A_handler_that_returns_no_task_is_told_so_and_fails()
    {
        var rig = new SubscriptionRig();
        rig.Add(A, 1);
        var stored = (await rig.Node.Store.Journal.ReadShardAsync(new ShardId(0), 0, 1, default)).Events[0];
        var type = EntityType.Create<Ledger>("ledger", LedgerJson.Default);
        Task? none = null;
        var sink = (IEventHandler)Subscription.Create<Ledger, LedgerEvent>("numbers", (_, _) => none!).Bind(type, rig.Node.Store);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => sink.GiveAsync(new ShardId(0), stored, 0, default));
        Assert.Equal("The handler of 'numbers' returned null instead of a Task: let it be async, or return Task.CompletedTask when there is nothing to wait for.", failure.Message);
    }

    [Fact]
    public void An_event_that_fails_is_given_again_after_growing_pauses_and_those_behind_it_wait()
    {
        var rig = new SubscriptionRig();
        bool fails = true;
        rig.Handler = (e, _) => fails && e.Entity.Key == A && e.Sequence == 2 ? throw new InvalidOperationException("Not now.") : Task.CompletedTask;
        rig.Add(A, 1, 2);
        rig.Add(B, 3);
        rig.Add(Elsewhere, 4);
        // The other shard is not held up.
        Assert.Equal([$"{A}:1", $"{A}:2", $"{Elsewhere}:4"], rig.TakeGiven());
        rig.Advance(0.11);
        rig.Advance(0.21);
        Assert.Equal([$"{A}:2", $"{A}:2"], rig.TakeGiven());
        // How far it has come is on record all the same, in time.
        fails = false;
        rig.Advance(0.41);
        Assert.Equal([$"{A}:2", $"{B}:3"], rig.TakeGiven());
    }

    [Fact]
    public void What_went_well_before_an_event_that_fails_is_stored()
    {
        var rig = new SubscriptionRig();
        rig.Handler = (e, _) => e.Offset == 3 ? throw new InvalidOperationException("Never.") : Task.CompletedTask;
        rig.Add(A, 1, 2, 3, 4);
        rig.Node.Restart();
        rig.Node.Run();
        rig.Advance(1.01);
        Assert.Equal(2, rig.CursorOf(A).Offset);
    }

    [Fact]
    public void Pauses_begin_anew_with_each_event_that_went_well()
    {
        var rig = new SubscriptionRig();
        var failed = new HashSet<long>();
        rig.Handler = (e, _) => failed.Add(e.Offset) ? throw new InvalidOperationException("The first time.") : Task.CompletedTask;
        rig.Add(A, [.. Enumerable.Range(1, 30)]);
        for (int i = 0; i < 30; i++) rig.Advance(0.11);
        Assert.Equal($"{A}:30", rig.TakeGiven()[^1]);
    }

    [Fact]
    public void An_event_that_cannot_be_read_is_waited_for_and_not_passed_over()
    {
        var rig = new SubscriptionRig();
        Rig.Now(rig.Node.Store.Journal.AppendAsync([ForeignAppend(rig.Node, "from-the-future")], default));
        rig.Node.Restart();
        rig.Add(A, 7);
        rig.Advance(60);
        Assert.Empty(rig.TakeGiven());
        Assert.Equal(0, rig.CursorOf(A).Offset);
    }

    [Fact]
    public void Events_of_other_types_are_passed_by()
    {
        var rig = new SubscriptionRig();
        string other = Enumerable.Range(0, 100).Select(i => $"a{i}").First(key => ShardId.Of(EntityId.Create("account", key), 2).Value == 0);
        rig.Node.Do<Account, decimal>("account", other, new Deposit(3));
        rig.Add(A, 1);
        rig.Advance(1.01);
        Assert.Equal([$"{A}:1"], rig.TakeGiven());
        // A deposit and its reminder, which is an event of ActorGrid's own.
        Assert.Equal(3, rig.CursorOf(A).Offset);
    }

    [Theory]
    [InlineData(CallFault.Fail)]
    [InlineData(CallFault.LoseAnswer)]
    public void A_store_that_fails_costs_neither_an_event_nor_a_repetition(CallFault fault)
    {
        var rig = new SubscriptionRig();
        int calls = 0;
        rig.Node.Store.OnCall = call => call is StoreCall.MoveCursors or StoreCall.Read && ++calls % 3 == 0 ? fault : CallFault.None;
        for (int i = 1; i <= 40; i++)
        {
            rig.Add(A, i);
            rig.Advance(0.3);
        }
        rig.Node.Store.OnCall = static _ => CallFault.None;
        rig.Advance(60);
        Assert.Equal(Enumerable.Range(1, 40).Select(i => $"{A}:{i}"), rig.TakeGiven());
        Assert.Equal(40, rig.CursorOf(A).Offset);
    }

    [Fact]
    public void The_next_owner_goes_on_and_the_one_before_moves_no_cursor_any_more()
    {
        var rig = new SubscriptionRig();
        rig.Add(A, 1, 2);
        rig.Node.StartRival();
        rig.Node.Run();
        // The first one has not stored what it has done, and the second has the cursor now.
        Assert.Equal([$"{A}:1", $"{A}:2", $"{A}:1", $"{A}:2"], rig.TakeGiven());
        var claimed = rig.CursorOf(A);
        rig.Node.Run(() => rig.Node.Subscriptions.StopAsync());
        Assert.Equal(claimed, rig.CursorOf(A));
        rig.Advance(1.01);
        Assert.Equal((claimed.Epoch, 2), (rig.CursorOf(A).Epoch, rig.CursorOf(A).Offset));
    }

    /// <summary>Else a write of the owner before that lands late could change the time of the ids of what was given.</summary>
    [Fact]
    public void No_event_is_given_before_its_owner_has_stored_a_cursor_of_its_own()
    {
        var rig = new SubscriptionRig();
        rig.Add(A, 1);
        var claims = new List<Epoch>();
        rig.Handler = (e, _) =>
        {
            claims.Add(rig.CursorOf(A).Epoch);
            return Task.CompletedTask;
        };
        rig.Node.Restart();
        rig.Add(A, 2);
        var owner = Rig.Now(rig.Node.Journal.ReadFencesAsync(default)).Single(f => f.Shard.Value == 0).Fence.Epoch;
        Assert.Equal([owner, owner], claims);
    }

    [Fact]
    public void A_shard_that_is_lost_ends_the_token_of_its_handler()
    {
        var rig = new SubscriptionRig();
        bool hasEnded = false;
        rig.Handler = async (_, token) =>
        {
            try
            {
                await SubscriptionRig.Never(token);
            }
            finally
            {
                hasEnded = true;
            }
        };
        rig.Add(A, 1);
        rig.Handler = static (_, _) => Task.CompletedTask;
        rig.Node.StartRival();
        Assert.False(hasEnded);
        rig.Node.Failure<OwnershipLostException>(rig.Node.Ask("ledger", A, new Add(2)));
        Assert.True(hasEnded);
    }

    [Fact]
    public void So_many_shards_are_at_work_at_once_as_the_options_say()
    {
        var rig = new SubscriptionRig(new SubscriptionOptions { ConcurrencyMax = 1 });
        var gate = new TaskCompletionSource();
        rig.Handler = (_, _) => gate.Task;
        rig.Add(A, 1);
        rig.Add(Elsewhere, 2);
        Assert.Equal([$"{A}:1"], rig.TakeGiven());
        rig.Node.Run(() =>
        {
            gate.SetResult();
            return Task.CompletedTask;
        });
        rig.Node.Run();
        Assert.Equal([$"{Elsewhere}:2"], rig.TakeGiven());
    }

    private static string[] KeysOf(int shard) =>
        [.. Enumerable.Range(0, 100).Select(i => $"k{i}").Where(key => ShardId.Of(EntityId.Create("ledger", key), 2).Value == shard).Take(2)];

    private static ShardAppend ForeignAppend(Rig rig, string manifest)
    {
        var shard = new ShardId(0);
        var fence = Rig.Now(rig.Journal.ReadFencesAsync(default)).Single(f => f.Shard == shard).Fence;
        return new ShardAppend(shard, fence, 0, [new JournalEvent(EntityId.Create("ledger", "foreign"), 1, manifest, 0, "{}"u8.ToArray())], [], [], []);
    }
}
