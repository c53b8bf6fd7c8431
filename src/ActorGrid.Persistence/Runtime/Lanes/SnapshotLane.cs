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
                if (ended.Error is not null) LogFailed(ended.Count, ended.Error);
                break;
        }
        if (!_isSaving && _waiting.Count > 0) StartNext();
        return default;
    }

    private void StartNext()
    {
        var writes = new List<SnapshotWrite>();
        while (writes.Count < BatchMax && _waiting.TryDequeue(out var save))
        {
            if (Encode(save.Work) is { } snapshot) writes.Add(new SnapshotWrite(save.Shard, save.Fence, snapshot));
        }
        if (writes.Count == 0) return;
        _isSaving = true;
        NodeMeter.OnSnapshots(writes.Count);
        Context.PipeToSelf(
            StoreTask.From(() => store.SaveAsync(writes, CancellationToken.None)),
            _ => new Ended(writes.Count, null),
            e => new Ended(writes.Count, e));
    }

    private SnapshotRecord? Encode(SnapshotWork work)
    {
        try
        {
            var snapshot = work.Encode();
            if (snapshot.Payload.Length <= JournalLimits.PayloadBytesMax) return snapshot;
            LogTooLarge(work.Entity, snapshot.Payload.Length, JournalLimits.PayloadBytesMax);
        }
        catch (Exception e)
        {
            // The codec of a state is user code. The history still has everything.
            LogNotEncoded(work.Entity, e);
        }
        return null;
    }

    internal interface IMessage;

    internal sealed record Save(ShardId Shard, Fence Fence, SnapshotWork Work) : IMessage;

    private sealed record Ended(int Count, Exception? Error) : IMessage;
}
