using System.Net;
using System.Net.Sockets;

namespace ActorGrid.Transport;

/// <summary>A socket as a stream. It begins on a loop, whose thread then does all that is done with it; from there it goes to another loop, or to the
/// thread pool, between one read or write and the next.</summary>
internal sealed class SocketStream : Stream
{
    private EventLoop? _loop;
    private Exception? _end;
    private int _isDisposed;

    /// <summary>On the thread of the loop.</summary>
    public SocketStream(Socket socket, EventLoop loop)
    {
        Socket = socket;
        _loop = loop;
        socket.Blocking = false;
        loop.Add(this);
    }

    public Socket Socket { get; }

    public Readiness Readable { get; } = new();

    public Readiness Writable { get; } = new();

    /// <summary>When the loop ends it, as a timestamp of the loop's clock.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Called when it is closed, on the thread that closes it.</summary>
    public Action? Ended { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets go of the loop: the next one, or the pool if there is none, does what comes after. On the thread of the present loop, while nothing is
    /// being read or written; the caller goes on where the socket goes.</summary>
    public void MoveTo(EventLoop? loop)
    {
        ThrowIfEnded();
        _loop!.Remove(this);
        _loop = loop;
    }

    /// <summary>After <see cref="MoveTo"/>, on the thread of the new loop.</summary>
    public void Arrive()
    {
        ThrowIfEnded();
        _loop!.Add(this);
    }

    /// <summary>Connects, on the loop.</summary>
    /// <exception cref="SocketException">It cannot be.</exception>
    public async ValueTask ConnectAsync(EndPoint endpoint)
    {
        try
        {
            Socket.Connect(endpoint);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            await Writable.WaitAsync();
        }
        ThrowIfEnded();
        var outcome = (SocketError)(int)Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (outcome != SocketError.Success) throw new SocketException((int)outcome);
    }

    /// <summary>Ends what waits, with that error, and closes the socket. On the thread of the loop.</summary>
    public void Abort(SocketError why)
    {
        _end ??= new SocketException((int)why);
        Dispose();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _loop is null ? Socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken) : ReadOnLoopAsync(buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _loop is null ? WriteOnPoolAsync(buffer, cancellationToken) : WriteOnLoopAsync(buffer);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A read would block the loop.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A write would block the loop.");

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>On the thread of the loop; from any thread, once it is on the pool.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _loop?.Remove(this);
            Socket.Dispose();
            var end = _end ??= new ObjectDisposedException(nameof(SocketStream));
            Readable.Fail(end);
            Writable.Fail(end);
            Ended?.Invoke();
        }
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadOnLoopAsync(Memory<byte> buffer)
    {
        while (true)
        {
            ThrowIfEnded();
            int count = Socket.Receive(buffer.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success) return count;
            if (error != SocketError.WouldBlock) throw new SocketException((int)error);
            await Readable.WaitAsync();
        }
    }

    private async ValueTask WriteOnLoopAsync(ReadOnlyMemory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            ThrowIfEnded();
            int count = Socket.Send(buffer.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success) buffer = buffer[count..];
            else if (error == SocketError.WouldBlock) await Writable.WaitAsync();
            else throw new SocketException((int)error);
        }
    }

    private async ValueTask WriteOnPoolAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty) buffer = buffer[await Socket.SendAsync(buffer, SocketFlags.None, cancellationToken)..];
    }

    private void ThrowIfEnded()
    {
        if (_end is { } end) throw end;
    }
}
