using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class CommandIdTests
{
    private readonly Rig _rig = LedgerRig.New();
    private readonly Random _random = new SeededRandom(1);

    [Fact]
    public void A_repeated_id_gets_the_first_reply()
    {
        var first = NewId();
        Assert.Equal(1, _rig.Result(_rig.Add(1, first)));
        Assert.Equal(2, _rig.Result(_rig.Add(2)));

        Assert.Equal(1, _rig.Result(_rig.Add(1, first)));
        _rig.Restart();
        Assert.Equal(1, _rig.Result(_rig.Add(1, first)));
        Assert.Equal([1, 2], _rig.Numbers());
    }

    [Fact]
    public void A_repeated_id_gets_the_first_rejection()
    {
        var id = NewId();
        Assert.Equal("Negative.", _rig.Failure<CommandRejectedException>(_rig.Add(-1, id)).Reason);
        _rig.Restart();
        Assert.Equal("Negative.", _rig.Failure<CommandRejectedException>(_rig.Add(1, id)).Reason);
    }

    [Fact]
    public void An_id_that_is_pending_is_joined()
    {
        _rig.Numbers();
        _rig.Script(AppendFault.HoldCommit);
        var id = NewId();
        var first = _rig.Add(1, id);
        _rig.Run();
        var second = _rig.Add(1, id);
        _rig.Run();
        Assert.False(second.IsCompleted);

        _rig.Store.ReleaseNext();

        Assert.Equal(1, _rig.Result(first));
        Assert.Equal(1, _rig.Result(second));
        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void Repeats_that_are_looked_up_together_take_effect_once()
    {
        var id = NewId();
        // Ids issued later are recorded, so that the shard has to look this one up.
        _rig.Advance(TimeSpan.FromSeconds(1));
        _rig.Result(_rig.Add(1));
        _rig.Restart();

        var asks = Enumerable.Range(0, 5).Select(_ => _rig.Add(2, id)).ToList();

        Assert.All(asks, ask => Assert.Equal(2, _rig.Result(ask)));
        Assert.Equal([1, 2], _rig.Numbers());
    }

    [Fact]
    public void Repeats_that_are_looked_up_together_take_effect_once_when_they_have_to_wait_for_room()
    {
        // The reply of the first is evicted before the second has its turn.
        var rig = LedgerRig.New(host: new EntityHostOptions { AppendRowsMax = 1, RepliesInMemoryMax = 1 });
        var id = NewId();
        rig.Advance(TimeSpan.FromSeconds(1));
        rig.Result(rig.Add(1));
        rig.Restart();
        rig.Numbers();
        rig.Script(AppendFault.HoldCommit);
        var others = new List<Task<int>> { rig.Add(2) };
        rig.Run();
        others.Add(rig.Add(3));
        int lookUps = 0;
        rig.Store.OnCall = call => call == StoreCall.Read && ++lookUps == 1 ? CallFault.Hold : CallFault.None;
        var asks = Enumerable.Range(0, 3).Select(_ => rig.Add(4, id)).ToList();
        others.Add(rig.Add(5));
        rig.Run();
        while (rig.Store.HeldCount > 0)
        {
            rig.Store.ReleaseNext();
            rig.Run();
        }

        int[] numbers = rig.Numbers();
        Assert.All(asks, ask => Assert.Equal(Array.IndexOf(numbers, 4) + 1, rig.Result(ask)));
        Assert.Equal([1, 2, 3, 4, 5], numbers.Order());
        Assert.All(others, other => rig.Result(other));
    }

    [Fact]
    public void An_id_belongs_to_one_command()
    {
        var id = NewId();
        _rig.Result(_rig.Add(1, id));

        var e = _rig.Failure<InvalidCommandIdException>(_rig.Ask("ledger", "a", new CallOff("x"), id));

        Assert.Contains("'add'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_from_the_future_is_refused() => _rig.Failure<InvalidCommandIdException>(
        _rig.Add(1, new AskOptions { CommandId = CommandId.New(_rig.Clock.GetUtcNow().AddMinutes(2), _random) }));

    [Fact]
    public void An_id_that_an_owner_with_a_clock_ahead_has_recorded_is_answered_by_one_with_a_clock_behind()
    {
        var behind = new ManualClock(_rig.Clock.GetUtcNow());
        _rig.Restart(new ManualClock(_rig.Clock.GetUtcNow().AddMinutes(2)));
        var (never, recorded) = (NewId(), NewId());
        Assert.Equal(1, _rig.Result(_rig.Add(1, recorded)));

        _rig.Restart(behind);

        Assert.Equal(1, _rig.Result(_rig.Add(1, recorded)));
        _rig.Failure<InvalidCommandIdException>(_rig.Add(2, never));
        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void An_id_beyond_the_retention_is_never_executed()
    {
        var id = NewId();
        _rig.Result(_rig.Add(1, id));
        _rig.Advance(TimeSpan.FromMinutes(12));

        _rig.Failure<OutcomeUnknownException>(_rig.Add(1, id));
        Assert.Equal([1], _rig.Numbers());
        Assert.Null(Rig.Now(_rig.Journal.FindReplyAsync(LedgerRig.A, id.CommandId!.Value, default)).Reply);
    }

    [Fact]
    public void A_clock_that_was_ahead_for_a_while_refuses_no_id_afterwards()
    {
        var old = NewId();
        _rig.Result(_rig.Add(1, old));
        var before = new ManualClock(_rig.Clock.GetUtcNow());
        // What was recorded before it was ahead is forgotten; what was recorded meanwhile is not yet.
        _rig.Advance(TimeSpan.FromMinutes(30));
        _rig.Result(_rig.Add(2));
        _rig.Advance(TimeSpan.FromMinutes(2));

        _rig.Restart(before);
        _rig.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(3, _rig.Result(_rig.Add(3, new AskOptions { CommandId = CommandId.New(before.GetUtcNow(), _random) })));
        _rig.Failure<OutcomeUnknownException>(_rig.Add(1, old));
    }

    [Fact]
    public void A_backlog_of_replies_is_forgotten_at_once()
    {
        var ids = new List<CommandId>();
        for (int i = 0; i < 12_000; i++) ids.Add(NewId().CommandId!.Value);
        var adds = ids.Select((id, i) => _rig.Ask("ledger", $"k{i % 100}", new Add(1), new AskOptions { CommandId = id })).ToList();
        adds.ForEach(add => _rig.Result(add));
        var sweeps = new List<DateTimeOffset>();
        _rig.Tap.OnCall = call =>
        {
            if (call == nameof(IEventJournal.ForgetRepliesAsync)) sweeps.Add(_rig.Clock.GetUtcNow());
        };
        _rig.Advance(TimeSpan.FromMinutes(12));

        for (int i = 0; i < ids.Count; i++) Assert.Null(Rig.Now(_rig.Journal.FindReplyAsync(EntityId.Create("ledger", $"k{i % 100}"), ids[i], default)).Reply);
        Assert.Contains(sweeps.GroupBy(at => at), same => same.Count() >= 3);
    }

    [Fact]
    public void Where_memory_is_short_the_store_knows()
    {
        var rig = LedgerRig.New(host: new EntityHostOptions { RepliesInMemoryMax = 2 });
        var ids = Enumerable.Range(0, 20).Select(_ => NewId()).ToList();
        foreach (var id in ids) rig.Result(rig.Add(1, id));

        for (int i = 0; i < ids.Count; i++) Assert.Equal(i + 1, rig.Result(rig.Add(1, ids[i])));
        Assert.Equal(20, rig.Numbers().Length);
    }

    [Fact]
    public void An_answer_is_not_recorded()
    {
        var id = NewId();
        Assert.Empty(_rig.Do("ledger", "a", new GetNumbers(), id));
        _rig.Result(_rig.Add(1));

        Assert.Equal(1, Assert.Single(_rig.Do("ledger", "a", new GetNumbers(), id)));
    }

    private AskOptions NewId() => new() { CommandId = CommandId.New(_rig.Clock.GetUtcNow(), _random) };
}
