using System.Buffers;

namespace ActorGrid.Persistence;

/// <summary>
/// Encoded payloads one behind the other in chunks, so that a payload costs no allocation of its own. Whoever holds a payload keeps its
/// chunk
/// alive; <see cref="Reset"/> says that nobody does any more.
/// </summary>
internal sealed class PayloadArena : IBufferWriter<byte>
{
    /// <summary>Below the size at which an array goes to the large object heap.</summary>
    private const int ChunkBytes = 32 << 10;

    private byte[] _chunk = [];
    private int _start;
    private int _end;

    /// <summary>Ends the payload that was being written and returns it.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var payload = new ReadOnlyMemory<byte>(_chunk, _start, _end - _start);
        _start = _end;
        return payload;
    }

    /// <summary>Drops what was written of a payload that was not taken.</summary>
    public void Abandon() => _end = _start;

    /// <summary>Lets the chunk be written anew: no payload taken before may be read any more.</summary>
    public void Reset()
    {
        // A chunk that one large payload asked for is not worth keeping.
        if (_chunk.Length > ChunkBytes) _chunk = [];
        _start = 0;
        _end = 0;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _chunk.Length - _end);
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _chunk.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _chunk.AsSpan(_end);
    }

    private void Ensure(int sizeHint)
    {
        if (_chunk.Length - _end >= Math.Max(1, sizeHint)) return;
        // A payload is one piece of memory, so its beginning moves along.
        int written = _end - _start;
        byte[] larger = new byte[Math.Max(ChunkBytes, Math.Max(written * 2, written + sizeHint))];
        _chunk.AsSpan(_start, written).CopyTo(larger);
        _chunk = larger;
        _start = 0;
        _end = written;
    }
}
