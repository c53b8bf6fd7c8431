namespace ActorGrid.Persistence.Tests;

/// <summary>A store whose calls a test sees with their arguments, and whose answers it may give itself.</summary>
internal sealed class TappedStore(IGridStore inner) : IGridStore, IEventJournal
{
    /// <summary>Sees each call of the journal by its name, before anything else; may throw.</summary>
    public Action<string> OnCall { get; set; } = static _ => { };

    /// <summary>Answers appends in the store's place.</summary>
    public Func<IReadOnlyList<ShardAppend>, Task<IReadOnlyList<AppendOutcome>>>? OnAppend { get; set; }

    /// <summary>Answers raises of fences in the store's place.</summary>
    public Func<IReadOnlyList<FenceRaise>, IReadOnlyList<FenceOutcome>>? OnRaise { get; set; }

    /// <summary>Gives the error that a read of entities ends with, if it does.</summary>
    public Func<IReadOnlyList<EntityRead>, Exception?> OnRead { get; set; } = static _ => null;

    /// <summary>Changes the pages that were read.</summary>
    public Func<EntityPage, EntityPage>? OnPage { get; set; }

    /// <summary>Changes the pages of shards that were read.</summary>
    public Func<ShardPage, ShardPage>? OnShardPage { get; set; }

    /// <summary>Leaves out the last of the next pages that are read.</summary>
    public bool LeavesPageOut { get; set; }

    public IEventJournal Journal => this;

    public ISnapshotStore Snapshots => inner.Snapshots;

    public ICursorStore Cursors => inner.Cursors;

    public IGridArchive Archive => inner.Archive;

    public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken) => inner.OpenAsync(identity, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) =>
        Seen().ReadFencesAsync(cancellationToken);

    public Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken)
    {
        var journal = Seen();
        return OnRaise is { } answer ? Task.FromResult(answer(raises)) : journal.RaiseFencesAsync(raises, cancellationToken);
    }

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken)
    {
        var journal = Seen();
        return OnAppend is { } answer ? answer(appends) : journal.AppendAsync(appends, cancellationToken);
    }

    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken)
    {
        var journal = Seen();
        if (LeavesPageOut)
        {
            LeavesPageOut = false;
            return Task.FromResult<IReadOnlyList<EntityPage>>([]);
        }
        if (OnRead(reads) is { } error) return Task.FromException<IReadOnlyList<EntityPage>>(error);
        var pages = journal.ReadEntitiesAsync(reads, cancellationToken);
        return OnPage is { } change ? Task.FromResult<IReadOnlyList<EntityPage>>([.. Rig.Now(pages).Select(change)]) : pages;
    }

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken)
    {
        var page = Seen().ReadShardAsync(shard, afterOffset, eventsMax, cancellationToken);
        return OnShardPage is { } change ? Task.FromResult(change(Rig.Now(page))) : page;
    }

    public Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) =>
        Seen().FindReplyAsync(entity, command, cancellationToken);

    public Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken) =>
        Seen().RemoveEventsAsync(removals, subscriptions, cancellationToken);

    public Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken) =>
        Seen().ForgetRepliesAsync(issuedBeforeUnixMs, repliesMax, cancellationToken);

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken) =>
        Seen().ReadTimersAsync(shard, after, timersMax, cancellationToken);

    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken) =>
        Seen().ReadAttachmentAsync(entity, name, cancellationToken);

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) => Seen().ListEntityTypesAsync(cancellationToken);

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken) =>
        Seen().ListEntitiesAsync(type, afterKey, keysMax, cancellationToken);

    private IEventJournal Seen([System.Runtime.CompilerServices.CallerMemberName] string call = "")
    {
        OnCall(call);
        return inner.Journal;
    }
}
