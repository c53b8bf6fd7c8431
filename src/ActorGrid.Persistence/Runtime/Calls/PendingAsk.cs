using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>An ask of an entity: promise, message and held reply in one object, since there is one for every command.</summary>
internal class PendingAsk<TReply>(
    Deadlines deadlines, TimeSpan timeout, CancellationToken cancellationToken, EntityId entity, ShardId shard, EntityType type, object command,
    CommandId id)
    : Promise<TReply>(deadlines, timeout, cancellationToken), IEntityCall, IAsker
{
    private TReply? _reply;
    private EntityException? _fault;

    public EntityId Entity => entity;

    public EntityType Type => type;

    public object Command => command;

    public CommandId Id => id;

    public IdNovelty Novelty { get; set; }

    public CallStage Stage
    {
        get;
        set
        {
            field = value;
            Trace?.Enter(value);
        }
    }

    public CallTrace? Trace { get; set; }

    public bool IsFromMemory { get; set; }

    public bool MayRunTwice { get; set; }

    public void Hold(TReply reply)
    {
        _reply = reply;
        _fault = null;
    }

    public void HoldRejection(string reason) => _fault = new CommandRejectedException(entity, reason);

    public void HoldFailure(CommandFailedException failure) => _fault = failure;

    public void Release()
    {
        if (_fault is null) TrySetResult(_reply!);
        else TrySetException(_fault);
    }

    public void Fail(Exception reason)
    {
        if (IsDone || !TryGiveBack(reason)) TrySetException(reason);
    }

    public void Drop()
    {
    }

    /// <summary>It came when the shard had done its last turn.</summary>
    void IAsker.Fail(Exception reason) => Fail(new OwnershipLostException(entity, shard, "its node has stopped"));

    /// <summary>Gives it to somebody who finds out where its shard is now, if there is such a one and that is the remedy.</summary>
    protected virtual bool TryGiveBack(Exception reason) => false;

    /// <summary>Where it is, for the error of a deadline that passes.</summary>
    protected virtual string WhereItIs => Where(Stage);

    protected override Exception TimedOut() => new AskTimeoutException($"{entity}, {WhereItIs}", Timeout);

    private static string Where(CallStage stage) => stage switch
    {
        CallStage.Recovering => "waiting for its recovery",
        CallStage.AwaitingKey => "waiting for its key, which the key store has not given (the log of its node says why)",
        CallStage.LookingUp => "waiting for a look at its earlier replies",
        CallStage.Committing => "waiting for its commit",
        _ => "queued in its shard",
    };
}
