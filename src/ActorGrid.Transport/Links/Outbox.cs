#pragma warning disable RS0030 // Pipelines: this is floor 4.
using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace ActorGrid.Transport;

/// <summary>What waits to be sent on one connection, bounded. Any thread adds; one sender at a time takes all that has gathered.</summary>
internal sealed class Outbox(int bytesMax)
{
    private readonly Lock _lock = new();
    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0,
        minimumSegmentSize: FrameFormat.PieceBytesMax, useSynchronizationContext: false));
    private long _waiting;
    private bool _isSending;
    private bool _isClosed;

    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _waiting == 0;
        }
    }

    /// <summary>Adds a message.</summary>
    /// <param name="message">It is copied.</param>
    /// <param name="mustStart">Whether nobody sends: the caller has to see to it that somebody does.</param>
    /// <returns>False if there is no room, or it is closed.</returns>
    public bool TryAdd(ReadOnlySpan<byte> message, out bool mustStart)
    {
        mustStart = false;
        int size = FrameFormat.BytesOf(message.Length);
        lock (_lock)
        {
            if (_isClosed || (_waiting > 0 && _waiting + size > bytesMax)) return false;
            Write(message);
            _waiting += size;
            mustStart = !_isSending;
            _isSending = true;
            return true;
        }
    }

    /// <summary>Takes all that waits. By the sender alone, which gives it back with <see cref="Sent"/>.</summary>
    /// <returns>False if nothing does: the sender's turn is over.</returns>
    public bool TryTake(out ReadOnlySequence<byte> batch)
    {
        batch = default;
        lock (_lock)
        {
            if (_isClosed || _waiting == 0)
            {
                _isSending = false;
                if (_isClosed) Release();
                return false;
            }
            // It completes at once: the pipe never pauses.
            _ = _pipe.Writer.FlushAsync();
        }
        bool isThere = _pipe.Reader.TryRead(out var result);
        if (!isThere) throw new InvalidOperationException("What waits to be sent is not there.");
        batch = result.Buffer;
        return true;
    }

    /// <summary>Gives back what was taken, which has been sent.</summary>
    public void Sent(in ReadOnlySequence<byte> batch)
    {
        long length = batch.Length;
        _pipe.Reader.AdvanceTo(batch.End);
        lock (_lock) _waiting -= length;
    }

    /// <summary>Ends the turn of a sender that has failed with a batch in hand.</summary>
    public void Fail()
    {
        lock (_lock)
        {
            _isClosed = true;
            _isSending = false;
            Release();
        }
    }

    /// <summary>Takes nothing any more, and drops what waits.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed) return;
            _isClosed = true;
            // A sender reads from it still; it releases it when it comes back.
            if (!_isSending) Release();
        }
    }

    private void Release()
    {
        _pipe.Writer.Complete();
        _pipe.Reader.Complete();
    }

    private void Write(ReadOnlySpan<byte> message)
    {
        var writer = _pipe.Writer;
        do
        {
            var piece = message[..Math.Min(message.Length, FrameFormat.PieceBytesMax)];
            message = message[piece.Length..];
            var output = writer.GetSpan(FrameFormat.HeaderBytes);
            BinaryPrimitives.WriteUInt32BigEndian(output, (uint)piece.Length | (message.IsEmpty ? 0 : FrameFormat.MoreFollows));
            if (output.Length >= FrameFormat.HeaderBytes + piece.Length)
            {
                piece.CopyTo(output[FrameFormat.HeaderBytes..]);
                writer.Advance(FrameFormat.HeaderBytes + piece.Length);
                continue;
            }
            writer.Advance(FrameFormat.HeaderBytes);
            writer.Write(piece);
        }
        while (!message.IsEmpty);
    }
}
