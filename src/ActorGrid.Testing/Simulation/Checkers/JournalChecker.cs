using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Watches what the store commits: one owner for each term of a shard, one writer for each epoch, numbers without gaps.</summary>
internal sealed class JournalChecker(GridIdentity grid) : IStoreObserver
{
    private readonly Dictionary<(int Shard, long Term), Guid> _owners = [];
    private readonly Dictionary<(int Shard, Epoch Epoch), SimulatedProcess> _writers = [];
    private readonly Dictionary<Guid, SimulatedProcess> _processes = [];
    private readonly Dictionary<EntityId, long> _sequences = [];
    private readonly Dictionary<int, long> _offsets = [];
    private readonly Dictionary<int, Fence> _fences = [];

    /// <summary>The newest view.</summary>
    public ClusterView View { get; private set; } = ClusterView.Empty(grid);

    /// <summary>How many appends were committed.</summary>
    public int Commits { get; private set; }

    /// <summary>How many events were removed below snapshots.</summary>
    public int Removed { get; private set; }

    /// <summary>How many appends were fenced off.</summary>
    public int FencedOff { get; private set; }

    /// <summary>How many shards changed their owner by plan.</summary>
    public int HandOffs { get; private set; }

    /// <summary>How many shards were taken over from a member that was declared dead.</summary>
    public int TakeOvers { get; private set; }

    /// <summary>How many members were declared dead, or left.</summary>
    public int MembersGone { get; private set; }

    public void OnAppend(SimulatedProcess writer, ShardAppend append, AppendOutcome outcome)
    {
        int shard = append.Shard.Value;
        if (outcome.Status == AppendStatus.Fenced) FencedOff++;
        if (outcome.Status == AppendStatus.Refused && outcome.Error is { IsTransient: false } error)
            throw new PromiseBrokenException($"{writer.Machine.Name} appended what can never be right: {error.Message}", shard);
        if (outcome.Status != AppendStatus.Committed) return;
        Commits++;
        if (!_fences.TryGetValue(shard, out var fence) || fence != append.Fence)
            throw new PromiseBrokenException($"An append of {append.Shard} was committed under the fence {append.Fence}, and the last one raised is {fence}.", shard);
        CheckWriter(writer, append);
        long offset = _offsets.GetValueOrDefault(shard);
        if (append.ExpectedOffset != offset)
            throw new PromiseBrokenException($"An append of {append.Shard} goes on from offset {append.ExpectedOffset}, and the last one is {offset}.", shard);
        _offsets[shard] = offset + append.Events.Count;
        foreach (var e in append.Events)
        {
            long last = _sequences.GetValueOrDefault(e.Entity);
            if (e.Sequence != last + 1) throw new PromiseBrokenException($"Event {e.Sequence} of {e.Entity} follows event {last}.", shard, e.Entity);
            _sequences[e.Entity] = e.Sequence;
        }
    }

    public void OnFence(SimulatedProcess writer, FenceRaise raise, FenceOutcome outcome)
    {
        if (!outcome.Raised) return;
        int shard = raise.Shard.Value;
        var fence = raise.Fence;
        if (_fences.TryGetValue(shard, out var before) && before != fence && before.Epoch >= fence.Epoch)
            throw new PromiseBrokenException($"The fence of {raise.Shard} went from {before} to {fence}.", shard);
        _fences[shard] = fence;
        if (!_owners.TryGetValue((shard, fence.Epoch.Term), out var owner) || owner != fence.Owner)
            throw new PromiseBrokenException($"{writer.Machine.Name} raised the fence of {raise.Shard} to {fence}, and in no view was it the owner of that term (it was {owner:N}).", shard);
        if (!_processes.TryAdd(fence.Owner, writer) && _processes[fence.Owner] != writer)
            throw new PromiseBrokenException($"Two processes are the incarnation {fence.Owner:N}.", shard);
    }

    public void OnRemoved(SimulatedProcess writer, EventRemoval removal, RemovalOutcome outcome)
    {
        Removed += outcome.Count;
        if (!_fences.TryGetValue(removal.Shard.Value, out var fence) || fence != removal.Fence)
            throw new PromiseBrokenException($"Events of {removal.Entity} were removed under the fence {removal.Fence}, and the last one raised is {fence}.", removal.Shard.Value, removal.Entity);
    }

    public void OnView(SimulatedProcess writer, ClusterView view, IReadOnlyList<Revocation> revocations)
    {
        for (int i = 0; i < view.Shards.Length; i++)
        {
            var shard = view.Shards[i];
            if (shard.Owner == Guid.Empty) continue;
            if (_owners.TryAdd((i, shard.Term), shard.Owner)) CountChange(i, shard);
            else if (_owners[(i, shard.Term)] != shard.Owner) throw new PromiseBrokenException($"Shard {i} has two owners in term {shard.Term}.", i);
        }
        foreach (var member in View.Members)
        {
            if (view.Find(member.Incarnation) is null) MembersGone++;
        }
        View = view;
    }

    private void CountChange(int number, ShardOwnership shard)
    {
        var before = number < View.Shards.Length ? View.Shards[number] : default;
        if (before.Owner == Guid.Empty && before.Term == 0) return;
        if (before.Next == shard.Owner) HandOffs++;
        else TakeOvers++;
    }

    private void CheckWriter(SimulatedProcess writer, ShardAppend append)
    {
        var epoch = (append.Shard.Value, append.Fence.Epoch);
        if (_writers.TryAdd(epoch, writer) || _writers[epoch] == writer) return;
        throw new PromiseBrokenException(
            $"{append.Shard} has two writers in the epoch {append.Fence.Epoch}: {_writers[epoch].Machine.Name} and {writer.Machine.Name}.", append.Shard.Value);
    }
}
