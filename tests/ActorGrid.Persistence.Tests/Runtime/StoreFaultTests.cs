using System.Collections.Immutable;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>A store that fails for one entity, throws where it should answer, or fails while the node stops.</summary>
public sealed class StoreFaultTests
{
    private readonly List<string> _durable = [];
    private readonly Rig _rig;

    public StoreFaultTests() => _rig = LedgerRig.New(new EntityOptions<ImmutableArray<int>> { OnDurable = (id, _) => _durable.Add(id.Key) });

    [Fact]
    public void An_entity_that_cannot_be_read_fails_no_other()
    {
        Spoil("k3");

        var asks = Enumerable.Range(0, 10).Select(i => _rig.Ask("ledger", $"k{i}", new Add(1))).ToList();

        for (int i = 0; i < asks.Count; i++)
        {
            if (i == 3) Assert.Contains("spoiled", _rig.Failure<StoreException>(asks[i]).Message, StringComparison.Ordinal);
            else Assert.Equal(1, _rig.Result(asks[i]));
        }
    }

    [Fact]
    public void Where_an_entity_cannot_be_read_only_a_command_that_was_not_recorded_is_said_to_have_written_nothing()
    {
        var (never, recorded) = (NewId(1), NewId(2));
        _rig.Advance(TimeSpan.FromSeconds(1));
        _rig.Result(_rig.Add(1, recorded));
        _rig.Result(_rig.Add(2));
        Spoil("a");
        _rig.Restart();

        Assert.Equal(1, _rig.Result(_rig.Add(1, recorded)));
        Assert.Contains("spoiled", _rig.Failure<StoreException>(_rig.Add(3, never)).Message, StringComparison.Ordinal);
        Assert.Contains("spoiled", _rig.Failure<StoreException>(_rig.Add(4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_replies_cannot_be_looked_up_the_outcome_is_unknown()
    {
        var recorded = NewId(1);
        _rig.Result(_rig.Add(1, recorded));
        _rig.Restart();
        _rig.Tap.OnCall = static call =>
        {
            if (call == nameof(IEventJournal.FindReplyAsync)) throw new StoreException("The replies are spoiled.", isTransient: false);
        };

        var e = _rig.Failure<OutcomeUnknownException>(_rig.Add(1, recorded));

        Assert.Contains("The replies are spoiled.", e.Message, StringComparison.Ordinal);
        Assert.IsType<StoreException>(e.InnerException);
        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void An_active_entity_that_cannot_be_read_is_tried_again_until_it_can()
    {
        for (int i = 0; i < 5; i++) _rig.Do("ledger", $"k{i}", new SetActive(true));
        _durable.Clear();
        Spoil("k3");
        _rig.Restart();
        _rig.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(["k0", "k1", "k2", "k4"], _durable.Order(StringComparer.Ordinal));

        _rig.Tap.OnRead = static _ => null;
        _rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Contains("k3", _durable);
    }

    [Fact]
    public void A_store_that_leaves_out_a_result_is_asked_again()
    {
        Assert.Equal(1, _rig.Result(_rig.Add(1)));
        _rig.Restart();
        _rig.Tap.LeavesPageOut = true;
        var add = _rig.Add(2);
        _rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _rig.Result(add));
        _rig.Tap.OnAppend = _ =>
        {
            _rig.Tap.OnAppend = null;
            throw new StoreException("Nobody knows.", isTransient: true);
        };
        _rig.Tap.OnRaise = _ =>
        {
            _rig.Tap.OnRaise = null;
            return [];
        };
        add = _rig.Add(3);
        _rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, _rig.Result(add));
        Assert.Empty(_rig.LostShards);
    }

    [Fact]
    public void A_store_that_throws_before_it_returns_a_task_stops_no_shard()
    {
        var id = NewId(1);
        _rig.Advance(TimeSpan.FromSeconds(1));
        _rig.Do("ledger", "a", new AddLater("x", 7, TimeSpan.FromSeconds(10)));
        _rig.Restart();
        var thrown = new HashSet<string>(StringComparer.Ordinal);
        _rig.Tap.OnCall = call =>
        {
            if (thrown.Add(call)) throw new StoreException($"{call} throws.", isTransient: true);
        };
        // The append is not known to be written, the fence is raised, the timers are read again, and so is the reply to its id.
        var add = _rig.Add(1);
        _rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _rig.Result(add));
        Assert.Equal(2, _rig.Result(_rig.Add(2, id)));
        _rig.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal([1, 2, 7], _rig.Numbers());
        Assert.Empty(_rig.LostShards);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                nameof(IEventJournal.AppendAsync), nameof(IEventJournal.RaiseFencesAsync), nameof(IEventJournal.ReadTimersAsync),
                nameof(IEventJournal.FindReplyAsync), nameof(IEventJournal.ReadEntitiesAsync),
            },
            thrown);
    }

    [Fact]
    public void A_stop_does_not_wait_for_timers_that_the_store_refuses()
    {
        _rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        _rig.Store.OnAppend = _ => AppendFault.Refuse;
        _rig.Advance(TimeSpan.FromSeconds(10));

        var stop = _rig.Begin(() => _rig.Host.StopAsync());
        _rig.Advance(TimeSpan.FromSeconds(5));

        Assert.True(stop.IsCompletedSuccessfully);
        _rig.Restart();
        _rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void A_stop_does_not_wait_for_a_fence_that_cannot_be_raised()
    {
        _rig.Script(AppendFault.LoseAnswer);
        _rig.Store.OnCall = static call => call == StoreCall.RaiseFences ? CallFault.Fail : CallFault.None;
        var add = _rig.Add(1);
        _rig.Run();
        var stop = _rig.Begin(() => _rig.Host.StopAsync());
        _rig.Advance(TimeSpan.FromSeconds(9));

        Assert.True(stop.IsCompletedSuccessfully);
        _rig.Failure<OwnershipLostException>(add);
    }

    [Fact]
    public void A_host_stops_even_after_its_actor_system()
    {
        _rig.Result(_rig.Add(1));
        _rig.Run(() => _rig.System.StopAsync());
        var stop = _rig.Begin(() => _rig.Host.StopAsync());
        _rig.Run();

        Assert.True(stop.IsCompletedSuccessfully);
    }

    [Fact]
    public void One_entry_passes_in_a_second()
    {
        var clock = new ManualClock();
        var limit = new LogLimit(clock);
        Assert.True(limit.TryPass());
        Assert.False(limit.TryPass());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limit.TryPass());
        Assert.False(limit.TryPass());
    }

    private AskOptions NewId(int seed) => new() { CommandId = CommandId.New(_rig.Clock.GetUtcNow(), new SeededRandom(seed)) };

    private void Spoil(string key) => _rig.Tap.OnRead = reads =>
        reads.Any(r => r.Entity.Key == key) ? new StoreException("The history is spoiled.", isTransient: false) : null;
}
