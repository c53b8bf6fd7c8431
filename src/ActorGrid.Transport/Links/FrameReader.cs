#pragma warning disable RS0030 // Pipelines: this is floor 4.
using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace ActorGrid.Transport;

/// <summary>Takes messages out of what has come on a connection. It holds no more than has come: a length that is only said reserves nothing; and nothing is held
/// from one message to the next, or links that are idle would use up what all of them share.</summary>
internal sealed class FrameReader(ReceiveBudget budget) : IDisposable
{
    /// <summary>Room up to here is lent by the pool, to which it goes back with each message.</summary>
    private const int PooledBytesMax = 1 << 20;

    private byte[]? _pieces;
    private int _length;
    private int _taken;

    /// <summary>Takes the next message, if all of it has come.</summary>
    /// <param name="input">What has come; what was taken is cut off.</param>
    /// <param name="message">Valid until the next call.</param>
    /// <exception cref="RefusedException">This is not the protocol.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> input, out ReadOnlySpan<byte> message)
    {
        // The message that was taken last is done with.
        if (_length == 0) Release();
        while (TryReadPiece(ref input, out var piece, out bool moreFollows))
        {
            // A message of one piece that lies in one is not copied.
            if (!moreFollows && _length == 0 && piece.IsSingleSegment)
            {
                message = piece.FirstSpan;
                return true;
            }
            Append(piece);
            if (moreFollows) continue;
            message = _pieces.AsSpan(0, _length);
            _length = 0;
            return true;
        }
        message = default;
        return false;
    }

    public void Dispose() => Release();

    private static bool TryReadPiece(ref ReadOnlySequence<byte> input, out ReadOnlySequence<byte> piece, out bool moreFollows)
    {
        piece = default;
        moreFollows = false;
        if (input.Length < FrameFormat.HeaderBytes) return false;
        uint header = ReadHeader(input);
        moreFollows = (header & FrameFormat.MoreFollows) != 0;
        uint length = header & ~FrameFormat.MoreFollows;
        if (length > FrameFormat.PieceBytesMax)
        {
            throw new RefusedException(Refusal.Malformed, $"a piece of a message has {length} bytes; at most {FrameFormat.PieceBytesMax} are allowed");
        }
        if (moreFollows && length != FrameFormat.PieceBytesMax)
        {
            throw new RefusedException(Refusal.Malformed, $"a piece of {length} bytes is followed by another");
        }
        if (input.Length - FrameFormat.HeaderBytes < length) return false;
        piece = input.Slice(FrameFormat.HeaderBytes, length);
        input = input.Slice(piece.End);
        return true;
    }

    private static uint ReadHeader(ReadOnlySequence<byte> input)
    {
        if (input.FirstSpan.Length >= FrameFormat.HeaderBytes) return BinaryPrimitives.ReadUInt32BigEndian(input.FirstSpan);
        Span<byte> bytes = stackalloc byte[FrameFormat.HeaderBytes];
        input.Slice(0, FrameFormat.HeaderBytes).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private void Append(ReadOnlySequence<byte> piece)
    {
        int length = _length + (int)piece.Length;
        if (length > FrameFormat.MessageBytesMax)
        {
            throw new RefusedException(Refusal.Malformed, $"a message has more than {FrameFormat.MessageBytesMax} bytes");
        }
        Reserve(length);
        piece.CopyTo(_pieces.AsSpan(_length));
        _length = length;
    }

    private void Reserve(int length)
    {
        if (_pieces?.Length >= length) return;
        int wanted = Math.Min(Math.Max(length, (_pieces?.Length ?? 0) * 2), FrameFormat.MessageBytesMax);
        // As the pool would do, so that what is counted is what is held.
        if (wanted <= PooledBytesMax) wanted = (int)BitOperations.RoundUpToPowerOf2((uint)wanted);
        budget.Take(wanted);
        byte[] larger = wanted <= PooledBytesMax ? ArrayPool<byte>.Shared.Rent(wanted) : new byte[wanted];
        _pieces.AsSpan(0, _length).CopyTo(larger);
        Release();
        (_pieces, _taken) = (larger, wanted);
    }

    private void Release()
    {
        if (_pieces is null) return;
        budget.Return(_taken);
        if (_taken <= PooledBytesMax) ArrayPool<byte>.Shared.Return(_pieces);
        _pieces = null;
    }
}
