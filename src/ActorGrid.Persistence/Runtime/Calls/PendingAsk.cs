using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>An ask of an entity: promise, message and held reply in one object, since there is one for every command.</summary>
internal sealed class PendingAsk<TReply>(
    Deadlines deadlines, TimeSpan timeout, CancellationToken cancellationToken, EntityId entity, ShardId shard, EntityType type, object command,
    CommandId id)
    : Promise<TReply>(deadlines, timeout, cancellationToken), IPendingAsk, IAsker
{
    private TReply? _reply;
    private string? _rejection;

    public EntityId Entity => entity;

    public EntityType Type => type;

    public object Command => command;

    public CommandId Id => id;

    public IdNovelty Novelty { get; set; }

    public CallStage Stage { get; set; }

    /// <summary>Gets it back when its shard is lost; null: the caller is told.</summary>
    public IAskRetry? RetryBy { get; init; }

    public long AskedAt { get; init; }

    public string? Whereabouts { get; set; }

    public void Hold(TReply reply)
    {
        _reply = reply;
        _rejection = null;
    }

    public void HoldRejection(string reason) => _rejection = reason;

    public void Release()
    {
        if (_rejection is null) TrySetResult(_reply!);
        else TrySetException(new CommandRejectedException(entity, _rejection));
    }

    public void Fail(Exception reason)
    {
        if (RetryBy is { } router && reason is OwnershipLostException lost && !IsDone)
        {
            // What was decided on it is dropped or unknown: from now on its id may be recorded.
            Novelty = IdNovelty.Unknown;
            Stage = CallStage.Queued;
            router.Retry(this, lost);
            return;
        }
        TrySetException(reason);
    }

    public void Drop()
    {
    }

    public void Complete(AskStatus status, ReadOnlyMemory<byte> payload)
    {
        try
        {
            switch (status)
            {
                case AskStatus.Replied:
                    type.HoldEncoded(this, payload);
                    Release();
                    break;
                case AskStatus.Rejected:
                    TrySetException(new CommandRejectedException(entity, Encoding.UTF8.GetString(payload.Span)));
                    break;
                case AskStatus.NotOwner or AskStatus.Expired:
                    throw new InvalidOperationException($"{status} is no outcome for a caller.");
                default:
                    TrySetException(AskFault.Decode(status, payload.Span, entity, id, command.GetType().Name));
                    break;
            }
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            // The reply is there and cannot be read here: the command has taken effect, and the caller has to know why it gets no reply.
            TrySetException(new CommandFailedException(entity, command.GetType().Name, e));
        }
    }

    /// <summary>It came when the shard had done its last turn.</summary>
    void IAsker.Fail(Exception reason) => Fail(new OwnershipLostException(entity, shard, "its node has stopped"));

    protected override Exception TimedOut() => new AskTimeoutException($"{entity}, {Whereabouts ?? Where(Stage)}", Timeout);

    private static string Where(CallStage stage) => stage switch
    {
        CallStage.Recovering => "waiting for its recovery",
        CallStage.LookingUp => "waiting for a look at its earlier replies",
        CallStage.Committing => "waiting for its commit",
        _ => "queued in its shard",
    };
}
