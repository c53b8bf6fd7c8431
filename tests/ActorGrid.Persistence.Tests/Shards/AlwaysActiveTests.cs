using System.Collections.Immutable;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public class AlwaysActiveTests
{
    private readonly ShardRig _rig = new();
    private readonly List<string> _seen = [];

    [Fact]
    public void An_entity_that_is_always_active_is_there_without_being_asked_and_stays()
    {
        var node = _rig.Start(Options("a"));
        node.Open(1);
        Assert.Equal(["a:0"], _seen);
        node.Do(new Add(1));
        _rig.Advance(TimeSpan.FromMinutes(10).TotalMilliseconds);
        // Recovered again, it would be seen again.
        Assert.Equal([1], node.Numbers());
        Assert.Equal(["a:0", "a:1"], _seen);
    }

    [Fact]
    public void Those_in_memory_are_told_when_their_shard_has_left()
    {
        var node = _rig.Start(Options("a", "b"));
        node.Open(1);
        _seen.Clear();
        node.Host.Close(ShardRig.Shard, "it moved");
        _rig.Run();
        Assert.Equal(["ledger/a left", "ledger/b left"], _seen);
    }

    [Theory]
    [InlineData(AppendFault.LoseAppend)]
    [InlineData(AppendFault.LoseAnswer)]
    public void Those_that_were_in_memory_are_told_though_the_outcome_of_their_last_append_is_not_known_yet(AppendFault fault)
    {
        var node = _rig.Start(Options("a", "b"));
        node.Open(1);
        _seen.Clear();
        node.Tap.OnRaise = _ => throw new StoreException("It cannot be reached.", isTransient: true);
        _rig.Script(fault);
        var ask = node.Ask(new Add(1));
        _rig.Run();
        Assert.False(ask.IsCompleted);
        node.Host.Close(ShardRig.Shard, "it moved");
        node.AssertLost(ask);
        Assert.Equal(["ledger/a left", "ledger/b left"], _seen);
    }

    [Fact]
    public void They_come_at_a_bounded_pace_and_those_that_are_asked_go_first()
    {
        var node = _rig.Start(Options([.. Enumerable.Range(0, 1000).Select(i => $"k{i}")]));
        var read = new List<int>();
        node.Tap.OnRead = reads =>
        {
            read.Add(reads.Count);
            return null;
        };
        node.Open(1);
        Assert.Equal(1000, _seen.Count);
        Assert.All(read, count => Assert.InRange(count, 1, 64));
    }

    [Fact]
    public void They_are_handed_over_and_active_at_the_next_owner_without_a_read()
    {
        string[] keys = [.. Enumerable.Range(0, 500).Select(i => $"k{i}")];
        var node = _rig.Start(Options(keys));
        node.Open(1);
        foreach (string key in keys)
        {
            var ask = new PendingAsk<int>(
                node.System.Deadlines, TimeSpan.FromSeconds(10), default, EntityId.Create("ledger", key), ShardRig.Shard, node.Types.All[0], new Add(1),
                CommandId.New(_rig.Clock.GetUtcNow(), new Random(key.Length)));
            Assert.True(node.Host.TryAdmit(ShardRig.Shard, ask));
        }
        var states = node.Release();
        Assert.Equal(500, states.Entities.Count);
        _seen.Clear();
        var next = _rig.Start(Options(keys));
        next.Tap.OnRead = _ => throw new InvalidOperationException("No history is to be read.");
        next.Open(2, states);
        Assert.Equal(500, _seen.Count);
    }

    [Fact]
    public void One_that_cannot_be_recovered_is_tried_again_and_holds_up_no_other()
    {
        var node = _rig.Start(Options("a", "b"));
        bool isBroken = true;
        node.Tap.OnRead = reads => isBroken && reads.Any(r => r.Entity.Key == "a") ? new StoreException("Damaged.", isTransient: false) : null;
        node.Open(1);
        Assert.Equal(["b:0"], _seen);
        isBroken = false;
        _rig.Advance(31_000);
        Assert.Equal(["b:0", "a:0"], _seen);
    }

    private EntityOptions<ImmutableArray<int>> Options(params string[] keys) => new()
    {
        AlwaysActive = keys,
        OnDurable = (id, state) => _seen.Add($"{id.Key}:{state.Length}"),
        OnLeft = id => _seen.Add($"{id} left"),
    };
}
