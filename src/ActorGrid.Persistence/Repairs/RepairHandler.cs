using System.Buffers;
using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The handler that every entity type has without registering it. It runs only for entities that are in order; repairs of quarantined ones are the shard's to try.</summary>
internal sealed class RepairHandler<TSelf, TState, TEvent>() : BoundHandler<TState, TEvent>(RepairEvents.Manifest, typeof(RepairEntity<TSelf>)), IRepairReplies
    where TSelf : Entity<TSelf, TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    private static readonly JsonMessageCodec<StoredReceipt> Receipts = new("$repair-receipt", RepairJson.Default.StoredReceipt);
    private static readonly Action<StoredReceipt, IBufferWriter<byte>> EncodeReceipt = Receipts.Encode;
    private static readonly Action<string, IBufferWriter<byte>> EncodeReason = static (reason, output) => Encoding.UTF8.GetBytes(reason, output);

    public override void Run(Decider<TState, TEvent> decider, IEntityCall call, CommandContext at)
    {
        string reason = FormattableString.Invariant($"It is not quarantined: it has recovered, up to event {decider.Version.Sequence}.");
        call.HoldRejection(reason);
        // A reminder that carries one has nobody to answer.
        if (call is not TimerFiring) decider.Record(ReplyKind.Rejected, this, reason, EncodeReason);
    }

    public ReplyRecord Record(IEntityCall call, RepairReceipt receipt, PendingAppend append, EntityCipher? cipher)
    {
        var reply = RecordedReply.Write(append, call, ReplyKind.Accepted, ReplyPrefix, new StoredReceipt(receipt.Sequence, receipt.At.ToUnixTimeMilliseconds()), EncodeReceipt, cipher);
        // Where it lies now in clear it may be overwritten after the commit.
        HoldRecorded(call, reply.Clear[ReplyPrefix.Length..].ToArray());
        return reply.Record;
    }

    public override void HoldRecorded(IEntityCall call, ReadOnlyMemory<byte> payload)
    {
        if (call is RemoteCall remote) remote.Hold(payload);
        else
        {
            var stored = Receipts.Decode(payload.Span);
            ((PendingAsk<RepairReceipt>)call).Hold(new RepairReceipt(call.Entity, stored.Sequence, DateTimeOffset.FromUnixTimeMilliseconds(stored.AtUnixMs)));
        }
    }

    public override void EncodeCommand(object command, IBufferWriter<byte> output) => RepairEvents.Encode(((IRepairCommand)command).Repair, output);

    public override object DecodeCommand(ReadOnlySpan<byte> payload) => new RepairEntity<TSelf>(RepairEvents.Decode(payload));
}

/// <summary>What the shard needs of the handler of repairs.</summary>
internal interface IRepairReplies
{
    /// <summary>Records that the repair is part of the append, and holds that.</summary>
    ReplyRecord Record(IEntityCall call, RepairReceipt receipt, PendingAppend append, EntityCipher? cipher);
}
