using System.Collections.Concurrent;
using System.Diagnostics;
using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class AskTests
{
    private readonly Rig _rig = new([EntityType.Create<Account>("account", AccountJson.Default)]);

    [Fact]
    public void A_command_is_decided_persisted_and_answered()
    {
        Assert.Equal(10m, _rig.Do("account", "alice", new Deposit(10m)));
        Assert.Equal(15m, _rig.Do("account", "alice", new Deposit(5m)));
        Assert.Equal(15m, _rig.Do("account", "alice", new GetBalance()));
        Assert.Equal(["deposited", "$timer-set", "deposited", "$timer-set"], _rig.History("account", "alice").Select(e => e.Manifest));
    }

    [Fact]
    public void The_state_outlives_the_process()
    {
        _rig.Do("account", "alice", new Deposit(10m));

        _rig.Restart();

        Assert.Equal(10m, _rig.Do("account", "alice", new GetBalance()));
    }

    [Fact]
    public void A_rejection_reaches_the_caller_with_its_reason()
    {
        var e = _rig.Failure<CommandRejectedException>(_rig.Ask("account", "alice", new Deposit(-1m)));

        Assert.Equal("The amount must be positive.", e.Reason);
        Assert.Empty(_rig.History("account", "alice"));
    }

    [Fact]
    public void Replies_wait_until_what_they_rest_on_is_durable()
    {
        _rig.Do("account", "alice", new GetBalance());
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var deposit = _rig.Ask("account", "alice", new Deposit(10m));
        var read = _rig.Ask("account", "alice", new GetBalance());
        var other = _rig.Ask("account", "bob", new GetBalance());
        _rig.Run();

        Assert.False(deposit.IsCompleted);
        Assert.False(read.IsCompleted);
        Assert.Equal(0m, _rig.Result(other));

        _rig.Store.ReleaseNext();

        Assert.Equal(10m, _rig.Result(deposit));
        Assert.Equal(10m, _rig.Result(read));
    }

    [Fact]
    public void What_gathers_while_an_append_is_in_flight_goes_into_the_next()
    {
        var sizes = new List<int>();
        _rig.Do("account", "alice", new GetBalance());
        _rig.Store.OnAppend = appends =>
        {
            sizes.Add(appends.Sum(a => a.Replies.Count));
            return AppendFault.HoldCommit;
        };
        var asks = new List<Task<decimal>> { _rig.Ask("account", "alice", new Deposit(1m)) };
        _rig.Run();
        for (int i = 0; i < 100; i++) asks.Add(_rig.Ask("account", "alice", new Deposit(1m)));
        _rig.Run();
        _rig.Store.ReleaseNext();
        _rig.Run();
        _rig.Store.ReleaseNext();

        Assert.Equal(Enumerable.Range(1, 101).Select(i => (decimal)i), asks.Select(_rig.Result));
        Assert.Equal([1, 100], sizes);
    }

    [Fact]
    public void An_ask_that_times_out_says_where_it_was()
    {
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var deposit = _rig.Ask("account", "alice", new Deposit(10m), new AskOptions { Timeout = TimeSpan.FromSeconds(1) });
        _rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Contains("waiting for its commit", _rig.Failure<AskTimeoutException>(deposit).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Asks_that_cannot_be_meant_are_refused_by_name()
    {
        Rig.Refused<ArgumentException>(() => _rig.Ask("konto", "alice", new GetBalance()));
        Rig.Refused<ArgumentOutOfRangeException>(() => _rig.Ask("account", "alice", new GetBalance(), new AskOptions { Timeout = TimeSpan.FromHours(1) }));
        Assert.Contains("U+0007", _rig.Failure<ArgumentException>(_rig.Host.AskAsync(new EntityId("account", "a\a"), new GetBalance())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_host_has_finished_what_it_had_in_hand_and_refuses_more()
    {
        var deposits = Enumerable.Range(0, 50).Select(i => _rig.Ask("account", $"a{i}", new Deposit(1m))).ToList();
        _rig.Run(() => _rig.Host.StopAsync());

        Assert.All(deposits, d => Assert.Equal(1m, _rig.Result(d)));
        _rig.Failure<OwnershipLostException>(_rig.Ask("account", "alice", new GetBalance()));
    }

    [Fact]
    public void A_host_whose_store_hangs_stops_when_the_patience_ends()
    {
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var deposit = _rig.Ask("account", "alice", new Deposit(10m));
        _rig.Run();
        using var patience = new CancellationTokenSource();
        var stop = _rig.Begin(() => _rig.Host.StopAsync(patience.Token));
        _rig.Run();
        Assert.False(stop.IsCompleted);

        patience.Cancel();
        _rig.Run();

        _rig.Failure<OwnershipLostException>(deposit);
        Assert.True(stop.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_is_being_committed_when_the_patience_ends_is_committed_whole()
    {
        var id = CommandId.New(_rig.Clock.GetUtcNow(), new SeededRandom(1));
        _rig.Do("account", "alice", new GetBalance());
        IReadOnlyList<ShardAppend> held = [];
        _rig.Tap.OnAppend = appends =>
        {
            held = appends;
            return new TaskCompletionSource<IReadOnlyList<AppendOutcome>>().Task;
        };
        var deposit = _rig.Ask("account", "alice", new Deposit(10m), new AskOptions { CommandId = id });
        _rig.Run();
        using var patience = new CancellationTokenSource();
        var stop = _rig.Begin(() => _rig.Host.StopAsync(patience.Token));
        patience.Cancel();
        _rig.Run();
        _rig.Failure<OwnershipLostException>(deposit);
        Assert.True(stop.IsCompletedSuccessfully);

        // The store gets round to it only now.
        Assert.Equal(AppendStatus.Committed, Assert.Single(Rig.Now(_rig.Journal.AppendAsync(held, default))).Status);

        Assert.Equal(["deposited", "$timer-set"], _rig.History("account", "alice").Select(e => e.Manifest));
        _rig.Restart();
        Assert.Equal(10m, _rig.Do("account", "alice", new Deposit(10m), new AskOptions { CommandId = id }));
        Assert.Equal(10m, _rig.Do("account", "alice", new GetBalance()));
    }

    [Fact]
    public void An_ask_that_reaches_a_shard_after_its_last_turn_fails()
    {
        var dispatcher = new ManualDispatcher();
        var system = new ActorSystem(new ActorSystemOptions { Dispatcher = dispatcher, TimeProvider = _rig.Clock });
        var shard = system.Spawn(static () => new Deaf());
        dispatcher.RunUntilIdle();
        var stop = shard.StopAsync(TimeSpan.FromSeconds(1));
        var ask = new PendingAsk<decimal>(
            system.Deadlines, TimeSpan.FromSeconds(10), default, EntityId.Create("account", "alice"), new ShardId(0),
            EntityType.Create<Account>("account", AccountJson.Default), new GetBalance(), default);
        shard.Tell(ask);
        dispatcher.RunUntilIdle();

        Assert.True(stop.IsCompletedSuccessfully);
        Assert.IsType<OwnershipLostException>(ask.Task.Exception?.InnerException);
    }

    [Fact]
    public void An_activity_ends_with_its_ask_wherever_its_caller_is()
    {
        var ended = new ConcurrentQueue<object?>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "ActorGrid",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => ended.Enqueue(activity.GetTagItem("actorgrid.entity")),
        };
        ActivitySource.AddActivityListener(listener);
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Elsewhere());
        var ask = _rig.Ask("account", "traced", new Deposit(10m));
        SynchronizationContext.SetSynchronizationContext(outer);
        Assert.Null(Activity.Current);
        _rig.Run();

        Assert.True(ask.IsCompletedSuccessfully);
        Assert.Contains("account/traced", ended);
    }

    [Fact]
    public void A_shard_takes_in_a_bounded_number_of_commands()
    {
        var rig = new Rig([EntityType.Create<Account>("account", AccountJson.Default)], new EntityHostOptions { CommandsPerShardMax = 10 });
        rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var asks = Enumerable.Range(0, 11).Select(_ => rig.Ask("account", "alice", new Deposit(1m))).ToList();

        var refusal = rig.Failure<OverloadedException>(asks[10]);
        Assert.Equal(("account/alice", nameof(EntityHostOptions.CommandsPerShardMax), 10), (refusal.Target, refusal.Option, refusal.Limit));
        Assert.InRange(refusal.RetryAfter, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20));
        rig.Store.ReleaseNext();
        Assert.Equal(10m, rig.Result(asks[9]));
        Assert.Equal(10m, rig.Do("account", "alice", new GetBalance()));
    }

    /// <summary>Where nothing ever runs.</summary>
    private sealed class Elsewhere : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    private sealed class Deaf : Actor<IShardMessage>
    {
        protected override ValueTask OnMessageAsync(IShardMessage message) => throw new InvalidOperationException("It is to have stopped.");
    }
}
