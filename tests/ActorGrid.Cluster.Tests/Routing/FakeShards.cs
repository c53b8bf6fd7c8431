using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>The shards of a node as the router sees them, over counters that all nodes share and that remember each command by its id: what the journal
/// would hold.</summary>
internal sealed class FakeShards(RouterRig rig)
{
    private readonly HashSet<ShardId> _served = [];
    private readonly List<(ShardId Shard, IEntityCall Call)> _waiting = [];

    /// <summary>Calls are taken in and not answered until <see cref="Answer"/>.</summary>
    public bool IsSlow { get; set; }

    /// <summary>How calls end instead of being executed.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What other nodes are told before their commands are decoded; null: there is room.</summary>
    public OverloadedException? Full { get => field ?? (_waiting.Count < RoomMax ? null : FullOf("any", retryAfterMs: 1500)); set; }

    /// <summary>How many calls wait for <see cref="Answer"/> at most; others are told that it is full.</summary>
    public int RoomMax { get; set; } = int.MaxValue;

    /// <summary>An error of a full shard.</summary>
    public static OverloadedException FullOf(string key, int retryAfterMs = 40) =>
        new($"counter/{key}", "commands in hand", 10_000, "CommandsPerShardMax", TimeSpan.FromMilliseconds(retryAfterMs));

    /// <summary>The calls that were taken in.</summary>
    public List<CommandId> Admitted { get; } = [];

    public int Waiting => _waiting.Count;

    public bool Admit(ShardId shard, IEntityCall call)
    {
        if (!_served.Contains(shard)) return false;
        Admitted.Add(call.Id);
        if (IsSlow) _waiting.Add((shard, call));
        else Execute(call);
        return true;
    }

    public void Serve(params IEnumerable<ShardId> shards) => _served.UnionWith(shards);

    public void Answer()
    {
        var calls = _waiting.ToList();
        _waiting.Clear();
        foreach (var (_, call) in calls) Execute(call);
    }

    /// <summary>The commands take effect, and nobody is told: as if the link, or the shard, was lost at that moment.</summary>
    public void ExecuteSilently()
    {
        var calls = _waiting.ToList();
        _waiting.Clear();
        foreach (var (shard, call) in calls)
        {
            rig.Execute(call);
            if (call is not RemoteCall) call.Fail(new OwnershipLostException(call.Entity, shard, "its append has an unknown outcome"));
        }
    }

    public void Close(ShardId shard)
    {
        _served.Remove(shard);
        var lost = _waiting.Where(w => w.Shard == shard).ToList();
        _waiting.RemoveAll(w => w.Shard == shard);
        foreach (var (_, call) in lost) call.Fail(new OwnershipLostException(call.Entity, shard, "the test closed it"));
    }

    public void CloseAll()
    {
        foreach (var shard in _served.ToList()) Close(shard);
    }

    private void Execute(IEntityCall call)
    {
        if (Failure is not null)
        {
            call.Fail(Failure);
            return;
        }
        if (call.IsDone)
        {
            call.Drop();
            return;
        }
        long total = rig.Execute(call);
        if (call is RemoteCall remote) remote.Hold(System.Text.Encoding.UTF8.GetBytes(total.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        else ((PendingAsk<long>)call).Hold(total);
        call.Release();
    }
}
