using System.Buffers;

namespace ActorGrid.Persistence;

/// <summary>One buffer a thread for bytes that are copied at once. Nested use on the thread gets a buffer of its own.</summary>
internal static class ScratchBuffer
{
    /// <summary>A buffer that has grown larger is not kept.</summary>
    private const int KeptBytesMax = 64 << 10;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public static ArrayBufferWriter<byte> Rent()
    {
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(1024);
        _buffer = null;
        return buffer;
    }

    public static void Return(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > KeptBytesMax) return;
        buffer.ResetWrittenCount();
        _buffer = buffer;
    }
}
