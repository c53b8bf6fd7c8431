using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActorGrid.Persistence;

/// <summary>The durable states of a shard on their way to its next owner. They are good if and only if the shard's last offset is still
/// <see cref="Offset"/>
/// after the next owner has raised the fence.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Offset">The offset of its last event.</param>
/// <param name="Entities">The entities that were in memory, as many as fit.</param>
internal sealed record HandedOver(ShardId Shard, long Offset, IReadOnlyList<HandedEntity> Entities)
{
    private const byte Version = 2;

    /// <summary>Version, shard and offset.</summary>
    private const int HeadBytes = 1 + sizeof(int) + sizeof(long);

    /// <summary>The states as bytes, cut into pieces. There is at least one, and none is empty. At the end of all is a checksum: states decide what an
    /// entity does next, and pieces that do not belong together could pass for one whole.</summary>
    /// <param name="bytesMax">The most bytes of a piece, from 1.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> ToPieces(int bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, 1);
        var output = new ArrayBufferWriter<byte>(Entities.Sum(e => e.Bytes) + HeadBytes + SHA256.HashSizeInBytes);
        WriteHead(output.GetSpan(HeadBytes), Shard, Offset);
        output.Advance(HeadBytes);
        foreach (var entity in Entities) Write(entity, output);
        output.Write(SHA256.HashData(output.WrittenSpan));
        var all = output.WrittenMemory;
        var pieces = new List<ReadOnlyMemory<byte>>();
        for (int start = 0; start < all.Length; start += bytesMax) pieces.Add(all.Slice(start, Math.Min(bytesMax, all.Length - start)));
        return pieces;
    }

    /// <summary>Reads the pieces, in their order.</summary>
    /// <exception cref="FormatException">They are damaged or not complete, of another shard or offset, or of another version.</exception>
    public static HandedOver FromPieces(ShardId shard, long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        byte[] all = new byte[pieces.Sum(p => p.Length)];
        int end = 0;
        foreach (var piece in pieces)
        {
            piece.CopyTo(all.AsMemory(end));
            end += piece.Length;
        }
        if (all.Length == 0 || all[0] != Version) throw new FormatException($"The states of {shard} are not in the form of version {Version}.");
        CheckSum(all, shard, offset);
        var reader = new Reader(all.AsMemory(HeadBytes..^SHA256.HashSizeInBytes));
        var entities = new List<HandedEntity>();
        while (!reader.IsAtEnd) entities.Add(Read(reader));
        return new HandedOver(shard, offset, entities);
    }

    private static void WriteHead(Span<byte> output, ShardId shard, long offset)
    {
        output[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(output[1..], shard.Value);
        BinaryPrimitives.WriteInt64LittleEndian(output[(1 + sizeof(int))..], offset);
    }

    private static void CheckSum(ReadOnlySpan<byte> all, ShardId shard, long offset)
    {
        if (all.Length < HeadBytes + SHA256.HashSizeInBytes) throw new FormatException($"The states of {shard} end before their checksum.");
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(all[..^SHA256.HashSizeInBytes], sum);
        if (!sum.SequenceEqual(all[^SHA256.HashSizeInBytes..])) throw new FormatException($"The states of {shard} do not have the checksum that they say.");
        Span<byte> head = stackalloc byte[HeadBytes];
        WriteHead(head, shard, offset);
        if (!all.StartsWith(head)) throw new FormatException($"The states of {shard} at offset {offset} are those of another shard or offset.");
    }

    private static void Write(HandedEntity entity, ArrayBufferWriter<byte> output)
    {
        var state = entity.State;
        WriteBytes(Encoding.UTF8.GetBytes(state.Entity.Type), output);
        WriteBytes(Encoding.UTF8.GetBytes(state.Entity.Key), output);
        Write(state.Sequence, output);
        Write(state.Epoch.Term, output);
        Write(state.Epoch.Generation, output);
        Write(state.AtUnixMs, output);
        Write(entity.SnapshotSequence, output);
        WriteBytes(state.Payload.Span, output);
    }

    private static void Write(long number, ArrayBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), number);
        output.Advance(sizeof(long));
    }

    private static void WriteBytes(ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), bytes.Length);
        output.Advance(sizeof(int));
        output.Write(bytes);
    }

    private static HandedEntity Read(Reader reader)
    {
        string type = Encoding.UTF8.GetString(reader.Bytes(EntityId.TypeLengthMax).Span);
        // Three bytes are the most that one character of UTF-16 takes.
        string key = Encoding.UTF8.GetString(reader.Bytes(3 * EntityId.KeyLengthMax).Span);
        long sequence = reader.Number(), term = reader.Number(), generation = reader.Number(), at = reader.Number(), snapshot = reader.Number();
        var payload = reader.Bytes(JournalLimits.PayloadBytesMax);
        if (sequence < 1 || snapshot < 0 || snapshot > sequence || generation is < 0 or > int.MaxValue) throw Damaged();
        var epoch = new Epoch(term, (int)generation);
        if (!epoch.IsOfOwner) throw Damaged();
        return new HandedEntity(new SnapshotRecord(new EntityId(type, key), sequence, epoch, at, payload), snapshot);
    }

    private static FormatException Damaged() => new("The states of a shard are damaged: a number is out of range, or they end too early.");

    private sealed class Reader(ReadOnlyMemory<byte> rest)
    {
        private ReadOnlyMemory<byte> _rest = rest;

        public bool IsAtEnd => _rest.IsEmpty;

        public long Number() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)).Span);

        public ReadOnlyMemory<byte> Bytes(int bytesMax)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)).Span);
            return length >= 0 && length <= bytesMax ? Take(length) : throw Damaged();
        }

        private ReadOnlyMemory<byte> Take(int length)
        {
            if (length > _rest.Length) throw Damaged();
            var taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }
    }
}

/// <summary>A durable state.</summary>
/// <param name="State">It, in the form of a snapshot.</param>
/// <param name="SnapshotSequence">The sequence number of the last snapshot that was saved of the entity, 0: none.</param>
internal sealed record HandedEntity(SnapshotRecord State, long SnapshotSequence)
{
    /// <summary>About what it takes in memory and on the wire.</summary>
    public int Bytes => 100 + State.Payload.Length + (2 * State.Entity.Key.Length);
}
