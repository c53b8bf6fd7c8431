using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Writes the parts of a message one after the other, numbers in network order. Whoever uses it has made enough room.</summary>
internal ref struct WireWriter(Span<byte> output)
{
    /// <summary>Half a surrogate pair is an error, not a question mark: two keys must not become one on their way.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Span<byte> _output = output;

    public int Written { get; private set; }

    public void Byte(byte value) => _output[Written++] = value;

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);

    public void Id(CommandId value) => value.WriteTo(Take(16));

    public void Span(ActivityContext span)
    {
        bool isIdentified = Spans.IsIdentified(span);
        Flag(isIdentified);
        if (!isIdentified) return;
        span.TraceId.CopyTo(Take(16));
        span.SpanId.CopyTo(Take(8));
        Flag(span.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));
    }

    /// <summary>Writes a text behind its length.</summary>
    /// <exception cref="ArgumentException">The text is not well-formed, or longer than <paramref name="bytesMax"/> in UTF-8.</exception>
    public void Text(string value, int bytesMax)
    {
        // Checked before it is written: there may be no room for more.
        int length = Utf8.GetByteCount(value);
        if (length > bytesMax) throw new ArgumentException($"'{value[..16]}...' has {length} bytes in UTF-8; at most {bytesMax} are allowed.", nameof(value));
        BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), (ushort)length);
        Utf8.GetBytes(value, Take(length));
    }

    public void Payload(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        value.CopyTo(Take(value.Length));
    }

    private Span<byte> Take(int length)
    {
        var taken = _output.Slice(Written, length);
        Written += length;
        return taken;
    }
}
