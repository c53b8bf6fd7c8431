using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class CommitFaultTests
{
    private readonly Rig _rig = LedgerRig.New();

    [Theory]
    [InlineData(AppendFault.LoseAppend)]
    [InlineData(AppendFault.LoseAnswer)]
    [InlineData(AppendFault.CommitLate)]
    public void After_an_unknown_outcome_each_command_takes_effect_once(AppendFault fault)
    {
        Assert.Equal(1, _rig.Result(_rig.Add(1)));
        _rig.Script(fault);
        var second = _rig.Add(2);
        var third = _rig.Add(3);
        var other = _rig.Ask("ledger", "b", new Add(7));

        Assert.Equal(2, _rig.Result(second));
        Assert.Equal(3, _rig.Result(third));
        Assert.Equal(1, _rig.Result(other));
        Assert.Equal([1, 2, 3], _rig.Numbers());
        _rig.Restart();
        Assert.Equal([1, 2, 3], _rig.Numbers());
        Assert.Equal([7], _rig.Numbers("b"));
    }

    [Fact]
    public void A_store_that_gives_no_outcome_for_an_append_has_told_nothing_about_it()
    {
        var rig = LedgerRig.New();
        rig.Tap.OnAppend = appends =>
        {
            rig.Tap.OnAppend = null;
            return Task.FromResult<IReadOnlyList<AppendOutcome>>([]);
        };

        Assert.Equal(1, rig.Result(rig.Add(1)));
        Assert.Equal([1], rig.Numbers());
        Assert.Empty(rig.LostShards);
    }

    [Fact]
    public void A_raise_that_fails_is_tried_again()
    {
        int raises = 0;
        _rig.Store.OnCall = call => call != StoreCall.RaiseFences ? CallFault.None : ++raises switch
        {
            1 => CallFault.Fail,
            2 => CallFault.LoseAnswer,
            _ => CallFault.None,
        };
        _rig.Script(AppendFault.LoseAnswer);
        var add = _rig.Add(1);
        _rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, _rig.Result(add));
        Assert.Equal(3, raises);
        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void A_write_that_may_be_there_is_looked_up_until_the_store_answers()
    {
        int reads = 0;
        _rig.Result(_rig.Add(1));
        _rig.Script(AppendFault.LoseAnswer);
        _rig.Store.OnCall = call => call == StoreCall.Read && ++reads is > 1 and < 6 ? CallFault.LoseAnswer : CallFault.None;
        var add = _rig.Add(2);
        _rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(2, _rig.Result(add));
        Assert.Equal([1, 2], _rig.Numbers());
    }

    [Fact]
    public void Nobody_is_told_that_nothing_was_written_of_a_write_that_may_be_there()
    {
        _rig.Result(_rig.Add(1));
        _rig.Script(AppendFault.LoseAnswer);
        _rig.Store.OnCall = call => call == StoreCall.Read ? CallFault.Fail : CallFault.None;
        var add = _rig.Add(2);
        _rig.Advance(TimeSpan.FromSeconds(20));

        _rig.Failure<AskTimeoutException>(add);
        _rig.Store.OnCall = _ => CallFault.None;
        Assert.Equal([1, 2], _rig.Numbers());
        Assert.Equal(3, _rig.Result(_rig.Add(3)));
    }

    [Fact]
    public void Nothing_is_read_between_an_unknown_outcome_and_the_raised_fence()
    {
        Assert.Equal(1, _rig.Result(_rig.Add(1)));
        int raises = 0;
        _rig.Store.OnCall = call => call == StoreCall.RaiseFences && ++raises == 1 ? CallFault.Fail : CallFault.None;
        // It lands right after the next read: who reads before the raise sees a history that is about to grow.
        _rig.Script(AppendFault.CommitLate);
        var add = _rig.Add(2);
        _rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _rig.Result(add));
        Assert.Equal([1, 2], _rig.Numbers());
        Assert.Equal(3, _rig.Result(_rig.Add(3)));
    }

    [Fact]
    public void A_transient_refusal_is_tried_again_in_the_same_order()
    {
        _rig.Script(AppendFault.Refuse, AppendFault.Refuse, AppendFault.Refuse);
        var adds = Enumerable.Range(1, 5).Select(n => _rig.Add(n)).ToList();
        _rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1, 2, 3, 4, 5], adds.Select(_rig.Result));
        Assert.Equal([1, 2, 3, 4, 5], _rig.Numbers());
    }

    [Fact]
    public void A_store_that_goes_on_refusing_lets_asks_time_out_without_effect()
    {
        _rig.Store.OnAppend = _ => AppendFault.Refuse;
        var add = _rig.Add(1);
        _rig.Advance(TimeSpan.FromSeconds(11));
        _rig.Failure<AskTimeoutException>(add);

        _rig.Store.OnAppend = _ => AppendFault.None;
        _rig.Advance(TimeSpan.FromSeconds(2));

        Assert.True(_rig.Numbers().Length <= 1);
        Assert.Equal(_rig.Numbers().Length + 1, _rig.Result(_rig.Add(2)));
    }

    [Fact]
    public void A_full_disk_reaches_the_caller_and_the_entity_goes_on()
    {
        _rig.Script(AppendFault.RefuseForGood);
        var lost = _rig.Add(1);
        Assert.Contains("full", _rig.Failure<StoreException>(lost).Message, StringComparison.Ordinal);

        Assert.Equal(1, _rig.Result(_rig.Add(2)));
        Assert.Equal([2], _rig.Numbers());
    }

    [Fact]
    public void A_fenced_shard_stops_and_says_so()
    {
        _rig.Result(_rig.Add(1));
        _rig.StartRival();
        var add = _rig.Add(2);

        _rig.Failure<OwnershipLostException>(add);
        _rig.Failure<OwnershipLostException>(_rig.Add(3));
        Assert.Equal([ShardId.Of(LedgerRig.A, 2)], _rig.LostShards);
        _rig.Restart();
        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void A_lost_shard_is_known_to_its_node_before_any_caller_learns_of_it()
    {
        _rig.Result(_rig.Add(1));
        _rig.StartRival();
        var add = _rig.Add(2);
        bool? wasAnswered = null;
        _rig.WhenLost = () => wasAnswered = add.IsCompleted;

        _rig.Failure<OwnershipLostException>(add);
        Assert.False(wasAnswered);
    }

    [Fact]
    public void A_node_that_fails_to_take_note_of_a_loss_withholds_it_from_no_caller()
    {
        _rig.Result(_rig.Add(1));
        _rig.StartRival();
        _rig.WhenLost = static () => throw new InvalidOperationException("Not now.");
        _rig.Failure<OwnershipLostException>(_rig.Add(2));
        _rig.Failure<OwnershipLostException>(_rig.Add(3));
    }

    [Fact]
    public void A_fence_raised_over_an_unknown_outcome_stops_the_shard()
    {
        _rig.Result(_rig.Add(1));
        _rig.StartRival();
        _rig.Script(AppendFault.LoseAppend);

        _rig.Failure<OwnershipLostException>(_rig.Add(2));
    }

    [Fact]
    public void A_handler_that_throws_changes_nothing()
    {
        Assert.Contains("Broken.", _rig.Failure<CommandFailedException>(_rig.Ask("ledger", "a", new Break())).Message, StringComparison.Ordinal);
        _rig.Failure<CommandFailedException>(_rig.Ask("ledger", "a", new AddUnappliable()));

        Assert.Equal(1, _rig.Result(_rig.Add(5)));
        Assert.Equal([5], _rig.Numbers());
        Assert.Single(_rig.History("ledger", "a"));
    }

    [Fact]
    public void Commands_beyond_the_rows_of_an_append_wait_in_order()
    {
        var rig = LedgerRig.New(host: new EntityHostOptions { AppendRowsMax = 3 });
        var adds = Enumerable.Range(1, 50).Select(n => rig.Add(n)).ToList();

        Assert.Equal(Enumerable.Range(1, 50), adds.Select(rig.Result));
        Assert.Equal(Enumerable.Range(1, 50), rig.Numbers());
    }
}
