#pragma warning disable RS0030 // Pipelines: this is floor 4.
using System.IO.Pipelines;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>One of the two connections of a link: a loop that reads, and a sender that runs while there is something to send.</summary>
/// <param name="link">The link.</param>
/// <param name="lane">Which of the two.</param>
/// <param name="socket">The socket.</param>
/// <param name="stream">The socket, or TLS on it.</param>
/// <param name="bytesMax">How much may wait to be sent.</param>
/// <param name="budget">How much may be held of messages that have not come whole.</param>
/// <param name="start">Begins the sender.</param>
internal sealed class LaneConnection(
    TcpLink link, Lane lane, SocketStream socket, Stream stream, int bytesMax, ReceiveBudget budget, Action<LaneConnection> start)
{
    private readonly Outbox _outbox = new(bytesMax);

    public SocketStream Socket => socket;

    public bool Send(ReadOnlySpan<byte> message)
    {
        if (message.Length > FrameFormat.MessageBytesMax)
        {
            throw new ArgumentException($"A frame has {message.Length} bytes; at most {FrameFormat.MessageBytesMax} are allowed.", nameof(message));
        }
        if (!_outbox.TryAdd(message, out bool mustStart)) return false;
        if (mustStart) start(this);
        return true;
    }

    /// <summary>Sends what waits, batch after batch.</summary>
    /// <param name="batchesMax">After how many batches another thread goes on.</param>
    public async Task SendAllAsync(int batchesMax = int.MaxValue)
    {
        try
        {
            while (_outbox.TryTake(out var batch))
            {
                foreach (var segment in batch) await stream.WriteAsync(segment);
                _outbox.Sent(batch);
                if (--batchesMax > 0) continue;
                batchesMax = int.MaxValue;
                if (!_outbox.IsEmpty) await Task.Yield();
            }
        }
        catch (Exception e)
        {
            _outbox.Fail();
            link.End(lane, e);
        }
    }

    /// <summary>Reads until the connection ends, and ends the link.</summary>
    public async Task ReceiveAsync()
    {
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: lane == Lane.Data ? 64 << 10 : 4 << 10, leaveOpen: true));
        using var frames = new FrameReader(budget);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                if (!link.Deliver(frames, ref buffer, lane) || result.IsCompleted) break;
                input.AdvanceTo(buffer.Start, buffer.End);
            }
            link.End(lane, null);
        }
        catch (Exception e)
        {
            link.End(lane, e);
        }
        finally
        {
            await input.CompleteAsync();
            await stream.DisposeAsync();
        }
    }

    public void Close() => _outbox.Close();
}
