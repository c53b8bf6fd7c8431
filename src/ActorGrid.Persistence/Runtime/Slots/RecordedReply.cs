using System.Buffers;

namespace ActorGrid.Persistence;

/// <summary>A reply as it is recorded, and as it was before it was encrypted.</summary>
/// <param name="Record">What is stored.</param>
/// <param name="Clear">The payload in clear, with the name of the command in front. It lies in the memory of the append.</param>
internal readonly record struct RecordedReply(ReplyRecord Record, ReadOnlyMemory<byte> Clear)
{
    public static RecordedReply Write<T>(
        PendingAppend append, IEntityCall call, ReplyKind kind, byte[] prefix, T value, Action<T, IBufferWriter<byte>> encode, EntityCipher? cipher)
    {
        // What is recorded is kept long after the append, in the memory of replies: what is in clear does not go there if the store must not have it.
        var output = cipher is null ? append.ReplyPayloads : append.EventPayloads;
        output.Write(prefix);
        encode(value, output);
        var clear = output.Take();
        var stored = clear;
        if (cipher is not null)
        {
            cipher.Encrypt(clear.Span, PayloadPlace.Reply(call.Id, kind), append.ReplyPayloads);
            stored = append.ReplyPayloads.Take();
        }
        var record = new ReplyRecord(call.Entity, call.Id, kind, stored);
        append.Add(record);
        return new RecordedReply(record, clear);
    }
}
