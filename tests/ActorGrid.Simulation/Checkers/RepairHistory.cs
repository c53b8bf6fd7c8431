using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>What was acknowledged of repairs, and what the journal holds of them: each is there once, under its command, or not at all.</summary>
internal sealed class RepairHistory(EntityId entity) : IStoreObserver
{
    /// <summary>The commands that ask for a repair.</summary>
    private readonly HashSet<CommandId> _sent = [];

    /// <summary>The number of the event by which each is recorded.</summary>
    private readonly Dictionary<CommandId, long> _recorded = [];

    /// <summary>All commands of the entity that are recorded, repairs and others.</summary>
    private readonly HashSet<CommandId> _accepted = [];

    /// <summary>How many are recorded.</summary>
    public int Recorded => _recorded.Count;

    public void Sent(CommandId command) => _sent.Add(command);

    /// <summary>Its sender has a receipt.</summary>
    public void Acknowledge(CommandId command, RepairReceipt receipt)
    {
        if (!_recorded.TryGetValue(command, out long sequence)) Broken($"the receipt of the repair {command} names event {receipt.Sequence}, and it is not there");
        if (sequence != receipt.Sequence) Broken($"the receipt of the repair {command} names event {receipt.Sequence}, and it is event {sequence}");
    }

    /// <summary>Its sender was told that it is refused.</summary>
    public void NotRecorded(CommandId command)
    {
        if (_recorded.TryGetValue(command, out long sequence)) Broken($"the repair {command} was refused, and it is event {sequence}");
    }

    /// <summary>The sender of a command was told that the entity is quarantined. Nothing was written by then; what is still under way for the same ask may be, once the entity is repaired.</summary>
    public void Refused(CommandId command)
    {
        if (_accepted.Contains(command)) Broken($"the sender of {command} was told that it is quarantined, and the command is recorded");
    }

    public void OnAppend(SimulatedProcess writer, ShardAppend append, AppendOutcome outcome)
    {
        if (outcome.Status != AppendStatus.Committed) return;
        foreach (var reply in append.Replies)
        {
            if (reply.Entity == entity && reply.Kind == ReplyKind.Accepted) _accepted.Add(reply.Command);
        }
        var repairs = append.Events.Where(e => e.Entity == entity && RepairEvents.Is(e)).ToList();
        var receipts = append.Replies.Where(reply => reply.Entity == entity && reply.Kind == ReplyKind.Accepted && _sent.Contains(reply.Command)).ToList();
        if (repairs.Count != receipts.Count) Broken($"an append has {repairs.Count} repairs and {receipts.Count} receipts");
        for (int i = 0; i < repairs.Count; i++)
        {
            if (!_recorded.TryAdd(receipts[i].Command, repairs[i].Sequence)) Broken($"the repair {receipts[i].Command} is event {_recorded[receipts[i].Command]} and event {repairs[i].Sequence}");
        }
    }

    public void OnFence(SimulatedProcess writer, FenceRaise raise, FenceOutcome outcome)
    {
    }

    public void OnView(SimulatedProcess writer, ClusterView view, IReadOnlyList<Revocation> revocations)
    {
    }

    private void Broken(string what) => throw new PromiseBrokenException($"{entity}: {what}.", entity: entity);
}
