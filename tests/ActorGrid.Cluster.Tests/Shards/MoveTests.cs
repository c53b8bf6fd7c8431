using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

public class MoveTests
{
    private static readonly Guid Us = StewardRig.Us, Other = StewardRig.Other;
    private readonly StewardRig _rig = new();

    [Fact]
    public void A_shard_that_moves_is_drained_told_handed_over_and_closed()
    {
        var link = _rig.Link(Other);
        _rig.OwnAll(Us);
        _rig.Do(new Add(5));
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var inHand = _rig.Ask(new Add(1));
        _rig.Move(Other);
        Assert.Empty(_rig.Ready);
        var late = _rig.Ask(new Add(2));
        _rig.Dispatcher.Run(() =>
        {
            _rig.Store.ReleaseNext();
            return Task.CompletedTask;
        });
        _rig.Run();
        Assert.Equal(6, StewardRig.Now(inHand));
        Assert.Equal(new ShardReady(_rig.Standing, _rig.Shard, 1, _rig.View.Version), Assert.Single(_rig.Ready));
        Assert.False(late.IsCompleted);
        Assert.Empty(link.Pieces);

        _rig.Release(Us);
        Assert.IsType<OwnershipLostException>(late.Exception?.InnerException);
        Assert.False(_rig.TakesCalls);
        var states = HandedOver.FromPieces(_rig.Shard, link.Pieces[0].Offset, [.. link.Pieces.Select(p => p.Payload)]);
        Assert.Equal((2L, 2L), (states.Offset, Assert.Single(states.Entities).State.Sequence));
        Assert.All(link.Pieces, p => Assert.Equal((_rig.Shard, 2L), (p.Shard, p.Term)));
        Assert.True(link.Pieces[^1].IsLast);
    }

    [Fact]
    public void A_move_that_is_cancelled_lets_the_shard_serve_again_and_what_was_told_is_void()
    {
        _rig.OwnAll(Us);
        _rig.Do(new Add(5));
        _rig.Move(Other);
        Assert.Single(_rig.Ready);
        var waiting = _rig.Ask(new Add(1));
        Assert.False(waiting.IsCompleted);
        _rig.Change(view => Transitions.Leave(view, Other));
        Assert.Equal(6, StewardRig.Now(waiting));
        Assert.Single(_rig.Ready);
    }

    [Fact]
    public void That_a_shard_is_drained_is_told_anew_with_each_version()
    {
        _rig.OwnAll(Us);
        _rig.Move(Other);
        var moved = _rig.View;
        // Cancelled and wanted again in between, for all the node knows.
        _rig.Change(view => Transitions.Move(view, [new Placement(new ShardId((_rig.Shard.Value + 1) % 4), Other)]));
        Assert.Equal([moved.Version, _rig.View.Version, _rig.View.Version], _rig.Ready.Select(r => r.ViewVersion));
    }

    [Fact]
    public void A_move_that_is_cancelled_while_calls_are_in_hand_releases_nothing()
    {
        _rig.OwnAll(Us);
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var inHand = _rig.Ask(new Add(1));
        _rig.Move(Other);
        _rig.Change(view => Transitions.Leave(view, Other));
        _rig.Store.OnAppend = _ => AppendFault.None;
        var next = _rig.Ask(new Add(2));
        _rig.Dispatcher.Run(() =>
        {
            _rig.Store.ReleaseNext();
            return Task.CompletedTask;
        });
        _rig.Run();
        Assert.Equal((1, 3), (StewardRig.Now(inHand), StewardRig.Now(next)));
        Assert.Empty(_rig.Ready);
    }

    [Fact]
    public void A_shard_that_was_never_served_is_drained_at_once_and_raised_if_it_stays()
    {
        bool isDown = true;
        _rig.Store.OnCall = call => call == StoreCall.RaiseFences && isDown ? CallFault.Fail : CallFault.None;
        _rig.OwnAll(Us);
        var ask = _rig.Ask(new Add(1));
        _rig.Move(Other);
        Assert.Single(_rig.Ready);
        isDown = false;
        _rig.Advance(2000);
        Assert.False(ask.IsCompleted);
        _rig.Change(view => Transitions.Leave(view, Other));
        Assert.Equal(1, StewardRig.Now(ask));
    }

    [Fact]
    public void A_drained_shard_that_is_lost_has_no_states_to_give_and_says_so()
    {
        var link = _rig.Link(Other);
        _rig.OwnAll(Us);
        _rig.Do(new Add(5));
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        _ = _rig.Ask(new Add(1));
        _rig.Move(Other);
        // A fence overtakes the release.
        _rig.Raise(1, Us, generation: 7);
        _rig.Dispatcher.Run(() =>
        {
            _rig.Store.ReleaseNext();
            return Task.CompletedTask;
        });
        _rig.Run();
        Assert.Single(_rig.Ready);
        _rig.Release(Us);
        var piece = Assert.Single(link.Pieces);
        Assert.Equal((-1L, true), (piece.Offset, piece.IsLast));
    }

    [Fact]
    public void An_owner_that_leaves_and_has_nobody_to_move_to_drains_all_the_same()
    {
        _rig.Change(view => Transitions.Remove(Transitions.Leave(view, Other), Other));
        _rig.OwnAll(Us);
        _rig.Change(view => Transitions.Leave(view, Us));
        Assert.Equal(4, _rig.Ready.Count);
        _rig.Change(view => Transitions.Release(view, Us, [.. Enumerable.Range(0, 4).Select(i => new ShardId(i))]));
        Assert.False(_rig.TakesCalls);
    }

    [Fact]
    public void States_that_come_before_the_view_are_used()
    {
        var states = StatesOfOther();
        _rig.Receive(Other, 2, states);
        _rig.Release(Other);
        Assert.Equal(7, _rig.Do(new Total()));
        Assert.Equal(0, _rig.Tap.HistoryReads);
    }

    [Fact]
    public void States_that_come_after_the_fence_was_raised_are_waited_for()
    {
        var states = StatesOfOther();
        _rig.Release(Other);
        var ask = _rig.Ask(new Total());
        Assert.False(ask.IsCompleted);
        _rig.Advance(50);
        _rig.Receive(Other, 2, states);
        Assert.Equal(7, StewardRig.Now(ask));
        Assert.Equal(0, _rig.Tap.HistoryReads);
    }

    [Fact]
    public void States_that_do_not_come_are_read_from_the_journal()
    {
        var states = StatesOfOther();
        _rig.Release(Other);
        var ask = _rig.Ask(new Total());
        // As long as pieces come, it waits, but not for ever.
        _rig.Receive(Other, 2, states, pieces: 1);
        _rig.Advance(99);
        Assert.False(ask.IsCompleted);
        _rig.Advance(120);
        Assert.Equal(7, StewardRig.Now(ask));
        Assert.Equal(1, _rig.Tap.HistoryReads);
        // Too late: dropped in time.
        _rig.Receive(Other, 2, states);
        _rig.Advance(20_000);
        Assert.Equal(7, _rig.Do(new Total()));
    }

    [Fact]
    public void An_owner_without_states_is_not_waited_for()
    {
        StatesOfOther();
        _rig.Send(new FromPeer(_rig.Standing, _rig.Link(Other), new HandoverSent(_rig.Shard, 2, -1, 0, IsLast: true, default)));
        _rig.Release(Other);
        Assert.Equal(7, _rig.Do(new Total()));
    }

    [Fact]
    public void Damaged_states_are_read_from_the_journal()
    {
        var states = StatesOfOther();
        _rig.Send(new FromPeer(_rig.Standing, _rig.Link(Other), new HandoverSent(_rig.Shard, 2, states.Offset, 0, IsLast: true, new byte[] { 1, 2, 3 })));
        _rig.Release(Other);
        Assert.Equal(7, _rig.Do(new Total()));
        Assert.Equal(1, _rig.Tap.HistoryReads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void States_of_which_a_piece_is_lost_are_read_from_the_journal_at_once(bool beforeTheView)
    {
        var states = StatesOfOther();
        if (beforeTheView) _rig.Receive(Other, 2, states, without: 2);
        _rig.Release(Other);
        if (!beforeTheView) _rig.Receive(Other, 2, states, without: 2);
        Assert.Equal(7, _rig.Do(new Total()));
        Assert.Equal(1, _rig.Tap.HistoryReads);
    }

    [Fact]
    public void States_from_a_node_that_did_not_own_the_shard_are_not_taken()
    {
        var states = StatesOfOther();
        var forged = Forged(states);
        _rig.Receive(Foreign, 2, forged);
        _rig.Release(Other);
        var ask = _rig.Ask(new Total());
        _rig.Receive(Foreign, 2, forged);
        Assert.False(ask.IsCompleted);
        // Nor do they spoil those of the last owner.
        _rig.Receive(Other, 2, states, pieces: 2);
        _rig.Receive(Foreign, 2, forged);
        _rig.Receive(Other, 2, states);
        Assert.Equal(7, StewardRig.Now(ask));
        Assert.Equal(0, _rig.Tap.HistoryReads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void States_for_another_term_than_the_next_are_not_taken(long term)
    {
        var states = StatesOfOther();
        _rig.Receive(Other, term, Forged(states));
        _rig.Receive(Other, 2, states);
        _rig.Receive(Other, term, Forged(states));
        _rig.Release(Other);
        Assert.Equal(7, _rig.Do(new Total()));
        Assert.Equal(0, _rig.Tap.HistoryReads);
    }

    [Fact]
    public void States_of_a_shard_that_the_grid_does_not_have_are_not_taken()
    {
        foreach (int shard in new[] { 4, 1000, int.MaxValue })
        {
            _rig.Send(new FromPeer(_rig.Standing, _rig.Link(Other), new HandoverSent(new ShardId(shard), 1, -1, 0, IsLast: true, default)));
        }
        States_that_come_before_the_view_are_used();
    }

    [Fact]
    public void States_that_are_not_the_last_ones_are_dropped()
    {
        var states = StatesOfOther();
        _rig.Receive(Other, 2, states with { Offset = states.Offset - 1 });
        _rig.Release(Other);
        Assert.Equal(7, _rig.Do(new Total()));
        Assert.Equal(1, _rig.Tap.HistoryReads);
    }

    [Fact]
    public void A_takeover_from_the_dead_waits_for_no_states()
    {
        StatesOfOther();
        _rig.Write(view => Transitions.Die(view, [new Death(Other, DepartureCause.Gone, 7)]));
        _rig.Change(view => Transitions.Assign(view, [new Placement(_rig.Shard, Us)]));
        Assert.Equal(7, _rig.Do(new Total()));
    }

    private static readonly Guid Foreign = new(3, 0, 0, new byte[8]);

    /// <summary>The same but for what they say: 1 digit is another.</summary>
    private static HandedOver Forged(HandedOver states)
    {
        var state = Assert.Single(states.Entities);
        byte[] payload = state.State.Payload.ToArray();
        int at = payload.AsSpan().IndexOf((byte)'7');
        Assert.True(at >= 0, "The state does not hold the number.");
        payload[at] = (byte)'8';
        return states with { Entities = [state with { State = state.State with { Payload = payload } }] };
    }

    /// <summary>Another node owns the shard, has written 7, and is to give it to us.</summary>
    private HandedOver StatesOfOther()
    {
        _rig.OwnAll(Other);
        var there = new StewardRig();
        there.OwnAll(Us);
        there.Do(new Add(7));
        there.Move(Other);
        var link = there.Link(Other);
        there.Release(Us);
        var raised = _rig.Raise(1, Other);
        var stored = StewardRig.Now(there.Journal.ReadShardAsync(there.Shard, 0, 10, default)).Events;
        StewardRig.Now(_rig.Journal.AppendAsync([new ShardAppend(_rig.Shard, raised.Current, 0, [.. stored.Select(e => e.Event)], [], [], [])], default));
        _rig.Move(Us);
        return HandedOver.FromPieces(_rig.Shard, link.Pieces[0].Offset, [.. link.Pieces.Select(p => p.Payload)]);
    }
}
