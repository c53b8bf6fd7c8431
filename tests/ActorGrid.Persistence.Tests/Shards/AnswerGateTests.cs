using System.Collections.Immutable;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>A node whose lease has run out may not know that another one owns its shards.</summary>
public class AnswerGateTests
{
    private readonly ShardRig _rig = new();
    private readonly ShardRig.Node _node;

    public AnswerGateTests()
    {
        _node = _rig.Start();
        _node.Open(1);
        _node.Do(new Add(1));
    }

    [Fact]
    public void Reads_from_memory_are_answered_only_through_the_gate()
    {
        Assert.Equal([1], _node.Numbers());
        _node.MayAnswer = false;
        _node.AssertLost(_node.Ask<ImmutableArray<int>>(new GetNumbers()));
        _node.AssertLost(_node.Ask(new Break()));
        _node.MayAnswer = true;
        Assert.Equal([1], _node.Numbers());
    }

    [Fact]
    public void What_rests_on_an_append_of_its_own_needs_no_gate()
    {
        _node.MayAnswer = false;
        Assert.Equal(2, _node.Do(new Add(2)));
        Assert.IsType<CommandRejectedException>(Fault(_node.Ask(new Add(-1))));
    }

    [Fact]
    public void Repeated_replies_need_no_gate()
    {
        var id = CommandId.New(_rig.Clock.GetUtcNow(), new Random(1));
        Assert.Equal(2, _node.Do(new Add(2), id));
        _node.MayAnswer = false;
        Assert.Equal(2, _node.Do(new Add(2), id));
        var later = _rig.Start();
        later.MayAnswer = false;
        later.Open(2);
        Assert.Equal(2, later.Do(new Add(2), id));
    }

    [Fact]
    public void An_id_is_refused_for_its_age_only_through_the_gate()
    {
        var now = _rig.Clock.GetUtcNow();
        var (old, ahead) = (CommandId.New(now.AddMinutes(-11), new Random(1)), CommandId.New(now.AddMinutes(2), new Random(2)));
        Assert.IsType<OutcomeUnknownException>(Fault(_node.Ask(new Add(2), old)));
        Assert.IsType<InvalidCommandIdException>(Fault(_node.Ask(new Add(2), ahead)));
        _node.MayAnswer = false;
        _node.AssertLost(_node.Ask(new Add(2), old));
        _node.AssertLost(_node.Ask(new Add(2), ahead));
    }

    [Fact]
    public void A_read_that_waits_for_an_append_in_flight_needs_the_gate()
    {
        // The append is committed; then another node owns the shard, and writes; then a read comes here, which sees nothing of that.
        _rig.Script(AppendFault.HoldAnswer);
        Task<int> write = _node.Ask(new Add(2));
        _rig.Run();
        _node.MayAnswer = false;
        var next = _rig.Start();
        next.Open(2);
        next.Do(new Add(3));
        var read = _node.Ask<ImmutableArray<int>>(new GetNumbers());
        _rig.Run();
        _rig.ReleaseNext();
        Assert.Equal(2, _node.Result(write));
        _node.AssertLost(read);
    }

    [Fact]
    public void A_read_that_waits_for_an_append_to_come_needs_no_gate()
    {
        _rig.Script(AppendFault.HoldCommit);
        _ = _node.Ask(new Add(2));
        _rig.Run();
        Task<int> gathered = _node.Ask(new Add(3));
        var read = _node.Ask<ImmutableArray<int>>(new GetNumbers());
        _rig.Run();
        _node.MayAnswer = false;
        _rig.ReleaseNext();
        Assert.Equal(3, _node.Result(gathered));
        Assert.Equal(new[] { 1, 2, 3 }, _node.Result(read).ToArray());
    }

    private Exception? Fault(Task task)
    {
        _rig.Run();
        return task.Exception?.InnerException;
    }
}
