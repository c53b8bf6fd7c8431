using System.Text;
using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public class RemoteCallTests : IRemoteCompletion
{
    private readonly ShardRig _rig = new();
    private readonly ShardRig.Node _node;
    private readonly List<(AskStatus Status, string Payload)> _ended = [];
    private int _ids;

    public RemoteCallTests()
    {
        _node = _rig.Start();
        _node.Open(1);
    }

    void IRemoteCompletion.OnEnded(RemoteCall call, AskStatus status, ReadOnlyMemory<byte> payload) =>
        _ended.Add((status, Encoding.UTF8.GetString(payload.Span)));

    [Fact]
    public void Replies_come_as_their_codec_writes_them()
    {
        Send("add", """{"Number":5}""");
        Send("get", "{}");
        Assert.Equal([(AskStatus.Replied, "1"), (AskStatus.Replied, "[5]")], _ended);
    }

    [Fact]
    public void A_command_that_comes_twice_takes_effect_once_and_gets_the_same_reply()
    {
        var id = NewId();
        Send("add", """{"Number":5}""", id);
        Send("add", """{"Number":5}""", id);
        Send("add", """{"Number":-5}""");
        Assert.Equal([(AskStatus.Replied, "1"), (AskStatus.Replied, "1"), (AskStatus.Rejected, "Negative.")], _ended);

        // After a hand-over the reply is found in the store.
        var next = _rig.Start();
        next.Open(2);
        Send("add", """{"Number":5}""", id, node: next);
        Assert.Equal((AskStatus.Replied, "1"), _ended[^1]);
        Assert.Equal([5], _rig.Stored());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_command_that_has_failed_has_failed_for_each_attempt_that_was_sent(bool isRemote)
    {
        var id = NewId();
        if (isRemote)
        {
            Send("break", "{}", id, mayRunTwice: true);
            Assert.Equal(AskStatus.Failed, _ended[^1].Status);
        }
        else
        {
            var ask = _node.NewAsk(new Break(), id);
            ask.MayRunTwice = true;
            Assert.True(_node.Host.TryAdmit(ShardRig.Shard, ask));
            _rig.Run();
            Assert.Equal("Broken.", Assert.IsType<CommandFailedException>(ask.Task.Exception?.InnerException).InnerException!.Message);
        }
        foreach (var node in new[] { _node, _rig.Start() })
        {
            if (node != _node) node.Open(2);
            Send("break", "{}", id, node);
            Assert.Equal(AskStatus.Failed, _ended[^1].Status);
            Assert.EndsWith("Broken.", _ended[^1].Payload, StringComparison.Ordinal);
            // It is not executed: the id has been used.
            Send("add", """{"Number":5}""", id, node);
            Assert.Equal(AskStatus.InvalidId, _ended[^1].Status);
        }
        Assert.Empty(_rig.Stored());
    }

    [Fact]
    public void A_call_that_waits_past_its_deadline_is_not_executed_and_told_so()
    {
        var node = _rig.Start();
        node.Host.Expect(ShardRig.Shard);
        Send("add", """{"Number":5}""", node: node);
        _rig.Advance(11_000);
        Assert.Equal([(AskStatus.Expired, "")], _ended);
        node.Open(2);
        Assert.Empty(_rig.Stored());
    }

    [Fact]
    public void A_lost_shard_and_a_closed_gate_send_the_caller_elsewhere()
    {
        _node.MayAnswer = false;
        Send("get", "{}");
        _rig.Script(AppendFault.HoldCommit);
        Send("add", """{"Number":5}""");
        _node.Host.Close(ShardRig.Shard, "it moved");
        _rig.Run();
        Assert.Equal([AskStatus.NotOwner, AskStatus.NotOwner], _ended.Select(e => e.Status));
    }

    [Fact]
    public void Errors_are_the_same_on_both_sides_of_the_wire()
    {
        var id = NewId();
        Exception[] errors =
        [
            new CommandFailedException(ShardRig.A, "Break", new InvalidOperationException("Broken.")),
            new QuarantinedException(ShardRig.A, 7, new InvalidOperationException("Unreadable.")),
            Full,
            new OutcomeUnknownException(ShardRig.A, id),
            new InvalidCommandIdException(ShardRig.A, "Another command has it."),
            new StoreException("Busy.", isTransient: true),
            new StoreException("Full.", isTransient: false),
            NoSuchKey(ShardRig.A),
            new OutcomeUnknownException(ShardRig.A, id, new StoreException("The replies are spoiled.", isTransient: false)),
        ];
        foreach (var error in errors)
        {
            var (status, payload) = AskFault.Encode(error);
            var there = AskFault.Decode(status, payload.Span, ShardRig.A, id, "Break");
            Assert.Equal((error.GetType(), error.Message), (there.GetType(), there.Message));
        }
        Assert.Equal((AskStatus.NotOwner, 0), (AskFault.Encode(new OwnershipLostException(ShardRig.A, ShardRig.Shard, "")).Status, 0));
        Assert.True(((StoreException)AskFault.Decode(AskStatus.StoreFailed, AskFault.Encode(errors[5]).Payload.Span, ShardRig.A, id, "")).IsTransient);
        Assert.Throws<FormatException>(() => { AskFault.Decode(AskStatus.Failed, [1, 2], ShardRig.A, id, ""); });
        Assert.Throws<FormatException>(() => { AskFault.Decode((AskStatus)99, new byte[20], ShardRig.A, id, ""); });
    }

    [Fact]
    public void A_refusal_crosses_the_wire_whole_and_is_understood_by_older_nodes_and_of_them()
    {
        var (status, payload) = AskFault.Encode(Full);
        var there = Assert.IsType<OverloadedException>(AskFault.Decode(status, payload.Span, ShardRig.A, NewId(), "add"));
        Assert.Equal((Full.Target, Full.Bound, Full.Limit, Full.Option, Full.RetryAfter), (there.Target, there.Bound, there.Limit, there.Option, there.RetryAfter));
        Assert.Equal(Full.RetryAfter, AskFault.PauseOf(payload.Span));
        // An older node takes the number and reads the rest as text.
        Assert.StartsWith(Full.Message, Encoding.UTF8.GetString(payload.Span[8..]), StringComparison.Ordinal);
        byte[] older = [.. BitConverter.GetBytes(12L), .. "The shard has 12 commands in hand."u8];
        var ofOlder = Assert.IsType<OverloadedException>(AskFault.Decode(status, older, ShardRig.A, NewId(), "add"));
        Assert.Equal((12, "The shard has 12 commands in hand."), (ofOlder.Limit, ofOlder.Message));
        Assert.True(ofOlder.RetryAfter > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("text\0-5\0bound\0option")]
    [InlineData("text\099999999999999999999\0bound\0option")]
    [InlineData("text\05000000000\0bound\0option")]
    [InlineData("text\0\0\0\0\0")]
    [InlineData("")]
    public void A_pause_that_cannot_be_meant_is_not_believed(string text)
    {
        byte[] payload = [.. BitConverter.GetBytes(12L), .. Encoding.UTF8.GetBytes(text)];
        var there = Assert.IsType<OverloadedException>(AskFault.Decode(AskStatus.Overloaded, payload, ShardRig.A, NewId(), "add"));
        Assert.Equal(TimeSpan.FromMilliseconds(100), there.RetryAfter);
        Assert.Equal(TimeSpan.FromMilliseconds(100), AskFault.PauseOf(payload));
    }

    [Fact]
    public void A_caller_gets_the_outcome_that_another_node_has_sent()
    {
        var ask = _node.Route(new Add(1));
        _node.Host.Close(ShardRig.Shard, "it moved");
        _rig.Run();
        Assert.Same(ask, Assert.Single(_node.GivenBack));
        Assert.Throws<InvalidOperationException>(() => ask.Complete(AskStatus.NotOwner, default));
        ask.Complete(AskStatus.Replied, "42"u8.ToArray());
        Assert.Equal(42, _node.Result(ask.Task));
    }

    [Fact]
    public void A_reply_that_cannot_be_read_here_is_an_error_that_says_so()
    {
        var ask = _node.Route(new Add(1));
        _node.Host.Close(ShardRig.Shard, "it moved");
        _rig.Run();
        ask.Complete(AskStatus.Replied, "what?"u8.ToArray());
        Assert.IsType<UnreadableReplyException>(ask.Task.Exception?.InnerException);
    }

    [Fact]
    public void An_answer_is_recorded_if_a_lost_attempt_may_still_come()
    {
        var (once, twice) = (NewId(), NewId());
        Send("get", "{}", once);
        Send("get", "{}", twice, mayRunTwice: true);
        Send("add", """{"Number":5}""");
        Send("get", "{}", once);
        Send("get", "{}", twice);
        Assert.Equal(["[]", "[]", "1", "[5]", "[]"], _ended.Select(e => e.Payload));
        // It rests on an append, so it is told even if the lease is over.
        _node.MayAnswer = false;
        Send("get", "{}", mayRunTwice: true);
        Assert.Equal((AskStatus.Replied, "[5]"), _ended[^1]);
    }

    private static OverloadedException Full { get; } =
        new(ShardRig.A.ToString(), "commands in the hands of its shard", 12, "CommandsPerShardMax", TimeSpan.FromMilliseconds(35));

    private static ArgumentException NoSuchKey(EntityId entity) => new("No such key.", nameof(entity));

    private void Send(string command, string payload, CommandId? id = null, ShardRig.Node? node = null, bool mayRunTwice = false)
    {
        var type = _node.Types.All[0];
        object decoded = type.DecodeCommand(command, Encoding.UTF8.GetBytes(payload))!;
        var call = new RemoteCall(_rig.Clock, ShardRig.A, type, decoded, id ?? NewId(), TimeSpan.FromSeconds(10), this) { MayRunTwice = mayRunTwice };
        Assert.True((node ?? _node).Host.TryAdmit(ShardRig.Shard, call));
        _rig.Run();
    }

    private CommandId NewId() => CommandId.New(_rig.Clock.GetUtcNow(), new Random(++_ids));
}
