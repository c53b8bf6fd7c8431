using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Reads the parts of a message one after the other. Each length is checked against its bound and against what is there before anything
/// is made of it.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        byte other => throw new CodecException($"A flag is {other}."),
    };

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    /// <summary>A number that cannot be negative.</summary>
    public int Count() => Int32() is >= 0 and var value ? value : throw new CodecException("A number that counts is negative.");

    /// <summary>A number that cannot be negative.</summary>
    public long LongCount() => Int64() is >= 0 and var value ? value : throw new CodecException("A number that counts is negative.");

    public CommandId Id() => CommandId.ReadFrom(Take(16));

    /// <summary>A span of another node, if there is one: its trace (16), itself (8), and whether it is recorded (1).</summary>
    public ActivityContext Span()
    {
        if (!Flag()) return default;
        var trace = Take(16);
        var span = Take(8);
        if (!trace.ContainsAnyExcept((byte)0) || !span.ContainsAnyExcept((byte)0)) throw new CodecException("A span has no id.");
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(trace), ActivitySpanId.CreateFromBytes(span), Flag() ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: true);
    }

    public string Text(int bytesMax) => Text(bytesMax, isName: false);

    /// <summary>A text that comes again and again.</summary>
    public string Name(int bytesMax) => Text(bytesMax, isName: true);

    /// <summary>The payload, which always comes last: a view of the input.</summary>
    public ReadOnlySpan<byte> Payload()
    {
        int length = Int32();
        if (length is < 0 or > WireLimits.PayloadBytesMax) throw new CodecException($"A payload has {length} bytes; 0 to {WireLimits.PayloadBytesMax} are allowed.");
        return Take(length);
    }

    private string Text(int bytesMax, bool isName)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));
        if (length > bytesMax) throw new CodecException($"A text has {length} bytes; at most {bytesMax} are allowed there.");
        var bytes = Take(length);
        try
        {
            return isName ? NameCache.Get(bytes) : WireWriter.Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new CodecException("A text is not UTF-8.", e);
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new CodecException($"The message ends {length - _rest.Length} bytes early.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
