using System.Buffers;
using System.Buffers.Binary;

namespace ActorGrid.Transport.Tests;

/// <summary>What taking messages out of a connection holds of the memory that all links share.</summary>
public sealed class FrameReaderTests
{
    private const int BudgetBytes = 1 << 20, MessageBytes = 600_000;

    [Fact]
    public void Links_that_had_a_large_message_each_leave_the_room_to_others()
    {
        var budget = new ReceiveBudget(BudgetBytes + (BudgetBytes / 2));
        var readers = Enumerable.Range(0, 20).Select(_ => new FrameReader(budget)).ToList();

        foreach (var reader in readers) Assert.Equal(Message(), TakeAll(reader, Frame()));

        // And once more, all that they had.
        foreach (var reader in readers) Assert.Equal(Message(), TakeAll(reader, Frame()));
        readers.ForEach(r => r.Dispose());
        budget.Take(BudgetBytes + (BudgetBytes / 2));
    }

    [Fact]
    public void Room_of_a_message_that_has_not_come_whole_is_given_back_with_its_link()
    {
        var budget = new ReceiveBudget(BudgetBytes);
        var reader = new FrameReader(budget);
        var input = new ReadOnlySequence<byte>(Frame().AsMemory(0, 200_000));
        Assert.False(reader.TryRead(ref input, out _));
        Assert.Throws<RefusedException>(() => budget.Take(BudgetBytes));

        reader.Dispose();

        budget.Take(BudgetBytes);
    }

    /// <summary>Reads one message, and finds that there is no other.</summary>
    private static byte[] TakeAll(FrameReader reader, byte[] frame)
    {
        var input = new ReadOnlySequence<byte>(frame);
        Assert.True(reader.TryRead(ref input, out var message));
        byte[] taken = message.ToArray();
        Assert.False(reader.TryRead(ref input, out _));
        return taken;
    }

    private static byte[] Message() => [.. Enumerable.Range(0, MessageBytes).Select(i => (byte)(i * 31))];

    private static byte[] Frame()
    {
        using var frame = new MemoryStream();
        byte[] header = new byte[FrameFormat.HeaderBytes];
        var rest = Message().AsSpan();
        while (!rest.IsEmpty)
        {
            var piece = rest[..Math.Min(rest.Length, FrameFormat.PieceBytesMax)];
            rest = rest[piece.Length..];
            BinaryPrimitives.WriteUInt32BigEndian(header, (uint)piece.Length | (rest.IsEmpty ? 0 : FrameFormat.MoreFollows));
            frame.Write(header);
            frame.Write(piece);
        }
        return frame.ToArray();
    }
}
