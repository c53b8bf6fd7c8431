using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>An ask in a cluster: the router finds out where its shard is, and gets it back when that was lost.</summary>
internal sealed class RoutedAsk<TReply>(
    Deadlines deadlines, TimeSpan timeout, CancellationToken cancellationToken, EntityId entity, ShardId shard, EntityType type, object command,
    CommandId id, IAskRetry router, long askedAt)
    : PendingAsk<TReply>(deadlines, timeout, cancellationToken, entity, shard, type, command, id), IPendingAsk
{
    public long AskedAt => askedAt;

    public string? Whereabouts { get; set; }

    public bool MayHaveRun { get; set; }

    protected override string WhereItIs => Whereabouts ?? base.WhereItIs;

    public void Complete(AskStatus status, ReadOnlyMemory<byte> payload)
    {
        if (status is AskStatus.NotOwner or AskStatus.Expired) throw new InvalidOperationException($"{status} is no outcome for a caller.");
        try
        {
            switch (status)
            {
                case AskStatus.Replied:
                    Type.HoldEncoded(this, payload);
                    Release();
                    break;
                case AskStatus.Rejected:
                    HoldRejection(Encoding.UTF8.GetString(payload.Span));
                    Release();
                    break;
                default:
                    GiveUp(AskFault.Decode(status, payload.Span, Entity, Id, Command.GetType().Name));
                    break;
            }
        }
        catch (Exception e)
        {
            // Codecs are user code. The owner has decided; its answer cannot be read here, and never will be.
            TrySetException(new UnreadableReplyException(Entity, Command.GetType().Name, e));
        }
    }

    public void GiveUp(Exception reason) => TrySetException(reason);

    /// <summary>One that may have been executed before must not be refused as if it never was.</summary>
    protected override bool TryGiveBack(Exception reason)
    {
        var refusal = reason as OverloadedException;
        if (reason is not OwnershipLostException && !(refusal is not null && MayHaveRun)) return false;
        // What was decided on it is dropped, or it is not known: its id may be recorded by now.
        MayHaveRun = true;
        Novelty = IdNovelty.Unknown;
        Stage = CallStage.Queued;
        router.Retry(this, refusal?.RetryAfter ?? TimeSpan.Zero);
        return true;
    }
}
