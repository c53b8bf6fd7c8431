using System.Globalization;
using System.Text;
using ActorGrid.Conformance;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class EncryptedHandoverTests : IRemoteCompletion
{
    private const int Word = 1_234_567_891;

    private readonly ShardRig _rig = new();
    private readonly InMemoryKeyStore _keys = new();
    private readonly List<(AskStatus Status, string Payload)> _ended = [];
    private int _historyReads;

    void IRemoteCompletion.OnEnded(RemoteCall call, AskStatus status, ReadOnlyMemory<byte> payload) => _ended.Add((status, Encoding.UTF8.GetString(payload.Span)));

    [Fact]
    public void A_state_goes_over_encrypted_and_is_used_without_reading_the_history()
    {
        var node = Start();
        node.Open(1);
        node.Do(new Add(Word));
        var states = node.Release();
        Assert.All(states.Entities, e => Assert.True(EncryptedPayload.IsEncrypted(e.State.Payload.Span)));
        Assert.False(PlainText.Holds(states.ToPieces(1 << 20)[0].Span, Word.ToString(CultureInfo.InvariantCulture)));

        var next = NextOwner(node, states, 2);
        Assert.Equal([Word], next.Numbers());
        Assert.Equal(2, next.Do(new Add(2)));
        // One that was not used goes on as it came.
        var third = NextOwner(next, NextOwner(next, next.Release(), 3).Release(), 4);
        Assert.Equal([Word, 2], third.Numbers());
        Assert.Equal(0, _historyReads);
    }

    [Fact]
    public void A_state_that_was_changed_on_its_way_is_read_from_the_journal_instead()
    {
        var node = Start();
        node.Open(1);
        node.Do(new Add(1));
        var states = node.Release();
        byte[] changed = states.Entities[0].State.Payload.ToArray();
        changed[^1] ^= 1;
        var next = NextOwner(node, states with { Entities = [states.Entities[0] with { State = states.Entities[0].State with { Payload = changed } }] }, 2);
        Assert.Equal([1], next.Numbers());
        Assert.Equal(1, _historyReads);
    }

    [Fact]
    public void A_state_of_a_node_that_did_not_encrypt_yet_is_used_and_what_follows_is_encrypted()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        var next = NextOwner(node, node.Release(), 2);
        Assert.Equal(2, next.Do(new Add(2)));
        Assert.Equal(0, _historyReads);
        Assert.Equal([false, true], Stored().Select(e => EncryptedPayload.IsEncrypted(e.Payload.Span)));
    }

    [Fact]
    public void Who_was_forgotten_is_not_handed_over_and_not_taken()
    {
        var node = Start();
        node.Open(1);
        node.Do(new Add(1));
        var states = node.Release();
        _keys.Forget(ShardRig.A);
        var next = NextOwner(node, states, 2);
        next.Do(new ForgetEntity<Ledger>());
        AssertForgotten(next);
        Assert.Empty(next.Release().Entities);
    }

    [Fact]
    public void A_release_waits_for_those_that_are_being_forgotten()
    {
        var node = Start();
        node.Open(1);
        node.Do(new Add(1));
        _keys.Forget(ShardRig.A);
        var held = new TaskCompletionSource();
        _keys.OnCall = (_, _) => new ValueTask(held.Task);
        var forget = node.Ask(new ForgetEntity<Ledger>());
        _rig.Run();
        var release = node.Host.ReleaseAsync(ShardRig.Shard);
        _rig.Run();
        Assert.False(release.IsCompleted);
        _rig.Dispatcher.Run(() =>
        {
            held.SetResult();
            return Task.CompletedTask;
        });
        node.Result(forget);
        Assert.Empty(node.Result(release)!.Entities);
    }

    [Fact]
    public void A_shard_that_is_lost_while_the_key_store_is_asked_leaves_nobody_waiting()
    {
        var node = Start();
        node.Open(1);
        _keys.OnCall = static (_, _) => new ValueTask(new TaskCompletionSource().Task);
        var forget = node.Ask(new ForgetEntity<Ledger>());
        var add = node.Ask(new Add(1));
        _rig.Run();
        node.Host.Close(ShardRig.Shard, "it goes");
        node.AssertLost(forget);
        node.AssertLost(add);
    }

    [Fact]
    public void Nobody_is_told_that_it_was_forgotten_by_a_node_that_may_not_answer()
    {
        var node = Start();
        node.Open(1);
        _keys.Forget(ShardRig.A);
        node.MayAnswer = false;
        node.AssertLost(node.Ask(new ForgetEntity<Ledger>()));
        node.AssertLost(node.Ask(new GetNumbers()));
    }

    [Fact]
    public void Calls_of_other_nodes_get_replies_in_clear_the_second_time_too()
    {
        var node = Start();
        node.Open(1);
        var id = CommandId.New(_rig.Clock.GetUtcNow(), new Random(1));
        Send(node, "add", """{"Number":5}""", id);
        Send(node, "add", """{"Number":5}""", id);
        var next = NextOwner(node, node.Release(), 2);
        Send(next, "add", """{"Number":5}""", id);
        Send(next, "break", "{}", CommandId.New(_rig.Clock.GetUtcNow(), new Random(2)), mayRunTwice: true);
        Assert.Equal([(AskStatus.Replied, "1"), (AskStatus.Replied, "1"), (AskStatus.Replied, "1")], _ended[..3]);
        Assert.Equal(AskStatus.Failed, _ended[3].Status);
        Send(next, "$forget", "", id);
        Assert.Equal(AskStatus.Rejected, _ended[4].Status);
        _keys.Forget(ShardRig.A);
        Send(next, "$forget", "", id);
        Assert.Equal((AskStatus.Replied, ""), _ended[5]);
        Send(next, "add", """{"Number":5}""", id);
        Assert.Equal(AskStatus.Quarantined, _ended[6].Status);
    }

    /// <summary>A reply that left memory, of an entity that leaves it while the reply is looked up.</summary>
    [Fact]
    public void A_recorded_failure_and_a_recorded_reply_are_encrypted()
    {
        var node = Start();
        node.Open(1);
        var (done, failed) = (CommandId.New(_rig.Clock.GetUtcNow(), new Random(1)), CommandId.New(_rig.Clock.GetUtcNow(), new Random(2)));
        Send(node, "add", """{"Number":5}""", done);
        Send(node, "break", "{}", failed, mayRunTwice: true);
        foreach (var id in new[] { done, failed })
        {
            var stored = Rig.Now(_rig.Journal.FindReplyAsync(ShardRig.A, id, default)).Reply!;
            Assert.True(EncryptedPayload.IsEncrypted(stored.Payload.Span));
        }
    }

    private void AssertForgotten(ShardRig.Node node)
    {
        var ask = node.Ask(new GetNumbers());
        _rig.Run();
        Assert.IsType<EntityForgottenException>(ask.Exception?.InnerException);
    }

    private ShardRig.Node Start() => _rig.Start(new EntityOptions { Keys = _keys });

    private ShardRig.Node NextOwner(ShardRig.Node last, HandedOver states, long term)
    {
        last.Host.Close(ShardRig.Shard, "it moved");
        var next = Start();
        next.Tap.OnCall = call => _historyReads += call == nameof(IEventJournal.ReadEntitiesAsync) ? 1 : 0;
        next.Open(term, states);
        return next;
    }

    private IEnumerable<JournalEvent> Stored() => Rig.Now(_rig.Journal.ReadEntitiesAsync([new EntityRead(ShardRig.A, 0, 100)], default))[0].Events.Select(e => e.Event);

    private void Send(ShardRig.Node node, string command, string payload, CommandId id, bool mayRunTwice = false)
    {
        var type = node.Types.All[0];
        object decoded = type.DecodeCommand(command, Encoding.UTF8.GetBytes(payload))!;
        var call = new RemoteCall(_rig.Clock, ShardRig.A, type, decoded, id, TimeSpan.FromSeconds(10), this) { MayRunTwice = mayRunTwice };
        Assert.True(node.Host.TryAdmit(ShardRig.Shard, call));
        _rig.Run();
    }
}
