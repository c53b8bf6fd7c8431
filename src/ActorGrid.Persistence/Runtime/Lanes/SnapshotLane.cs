using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Encodes and saves snapshots, off the path of commands. One that fails is left out: the next one of that entity takes its
/// place.</summary>
internal sealed partial class SnapshotLane(ISnapshotStore store) : Actor<SnapshotLane.IMessage>
{
    /// <summary>Snapshots in one commit.</summary>
    private const int BatchMax = 64;

    /// <summary>Snapshots that wait, beyond which more are left out: they hold states in memory.</summary>
    private const int WaitingMax = 10_000;

    private readonly Queue<Save> _waiting = new();
    private bool _isSaving;

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        return default;
    }

    protected override ValueTask OnMessageAsync(IMessage message)
    {
        switch (message)
        {
            case Save save when _waiting.Count < WaitingMax:
                _waiting.Enqueue(save);
                break;
            case Save save:
                LogLeftOut(save.Work.Entity, WaitingMax);
                break;
            case Ended ended:
                _isSaving = false;
                if (ended.Error is not null) LogFailed(ended.Saves.Count, ended.Error);
                else TellOwners(ended);
                break;
        }
        if (!_isSaving && _waiting.Count > 0) StartNext();
        return default;
    }

    private void StartNext()
    {
        var writes = new List<SnapshotWrite>();
        var saves = new List<Save>();
        while (writes.Count < BatchMax && _waiting.TryDequeue(out var save))
        {
            if (Encode(save) is not { } snapshot) continue;
            writes.Add(new SnapshotWrite(save.Shard, save.Fence, snapshot));
            saves.Add(save);
        }
        if (writes.Count == 0) return;
        _isSaving = true;
        NodeMeter.OnSnapshots(writes.Count);
        Context.PipeToSelf(
            StoreTask.From(() => store.SaveAsync(writes, CancellationToken.None)),
            outcomes => new Ended(saves, writes, outcomes, null),
            e => new Ended(saves, writes, [], e));
    }

    private static void TellOwners(Ended ended)
    {
        for (int i = 0; i < ended.Outcomes.Count; i++)
        {
            var save = ended.Saves[i];
            if (save.Owner is { } owner && ended.Outcomes[i] == SnapshotOutcome.Saved) owner.TryTell(new SnapshotSaved(save.Slot, ended.Writes[i].Snapshot.Sequence));
        }
    }

    private SnapshotRecord? Encode(Save save)
    {
        var work = save.Work;
        try
        {
            var snapshot = work.Encode();
            if (snapshot.Payload.Length > JournalLimits.PayloadBytesMax) LogTooLarge(work.Entity, snapshot.Payload.Length, JournalLimits.PayloadBytesMax);
            else if (save.Owner is null || IsAsItWent(save, snapshot)) return snapshot;
        }
        catch (Exception e)
        {
            // The codec of a state is user code. The history still has everything.
            LogNotEncoded(work.Entity, e);
        }
        return null;
    }

    /// <summary>Events are to be removed below it, so it is read as whoever recovers from it will read it. One that says something else is not saved: the events are the truth, and stay.</summary>
    private bool IsAsItWent(Save save, SnapshotRecord snapshot)
    {
        string? difference;
        try
        {
            difference = save.Work.DifferenceFrom(snapshot);
            if (difference is null) return true;
        }
        catch (Exception e)
        {
            // The codec of a state is user code.
            difference = $"it cannot be read: {e.Message}";
        }
        NodeMeter.OnSnapshotMismatch(save.Slot.Type.Name);
        LogMismatch(save.Work.Entity, snapshot.Sequence, difference);
        return false;
    }

    internal interface IMessage;

    /// <summary>A snapshot to save.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Fence">The fence that it has.</param>
    /// <param name="Slot">Whose state it is.</param>
    /// <param name="Work">The state.</param>
    /// <param name="Owner">Is told that it is saved, if events are to be removed below it; null: they are not.</param>
    internal sealed record Save(ShardId Shard, Fence Fence, EntitySlot Slot, SnapshotWork Work, ActorRef<IShardMessage>? Owner) : IMessage;

    private sealed record Ended(IReadOnlyList<Save> Saves, IReadOnlyList<SnapshotWrite> Writes, IReadOnlyList<SnapshotOutcome> Outcomes, Exception? Error) : IMessage;
}

/// <summary>Tells a shard that a snapshot was saved, which was read again and is the state of that slot.</summary>
internal sealed record SnapshotSaved(EntitySlot Slot, long Sequence) : IShardMessage;
