using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>
/// The parts of a job, encoded one after the other as they are stored: per part its weight (8 bytes), its length (4 bytes), both
/// little-endian, and its payload. A part is decoded by the worker that runs it.
/// </summary>
internal sealed class PartList
{
    private const int HeaderBytes = 12;
    private readonly int[] _starts;

    private PartList(ReadOnlyMemory<byte> encoded, int[] starts, long units)
    {
        Encoded = encoded;
        _starts = starts;
        Units = units;
    }

    public ReadOnlyMemory<byte> Encoded { get; }

    public int Count => _starts.Length;

    /// <summary>The sum of all weights.</summary>
    public long Units { get; }

    public long Weight(int part) => BinaryPrimitives.ReadInt64LittleEndian(Encoded.Span[_starts[part]..]);

    public ReadOnlyMemory<byte> Payload(int part) =>
        Encoded.Slice(_starts[part] + HeaderBytes, BinaryPrimitives.ReadInt32LittleEndian(Encoded.Span[(_starts[part] + 8)..]));

    public static PartList Encode<TPart>(IReadOnlyList<TPart> parts, Func<TPart, long> weight, MessageCodec<TPart> codec)
        where TPart : notnull
    {
        if (parts.Count > JobLimits.PartsMax)
        {
            throw Permanent($"The split made {parts.Count} parts; at most {JobLimits.PartsMax} are allowed: make them larger.");
        }
        var output = new ArrayBufferWriter<byte>(256);
        var payload = new ArrayBufferWriter<byte>(256);
        for (int part = 0; part < parts.Count; part++)
        {
            payload.ResetWrittenCount();
            codec.Encode(parts[part], payload);
            JobLimits.CheckPayload("The list of parts", (long)output.WrittenCount + HeaderBytes + payload.WrittenCount);
            long units = weight(parts[part]);
            if (units < 0) throw Permanent($"The weight of part {part} is {units}; it must be zero or more.");
            var header = output.GetSpan(HeaderBytes);
            BinaryPrimitives.WriteInt64LittleEndian(header, units);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], payload.WrittenCount);
            output.Advance(HeaderBytes);
            output.Write(payload.WrittenSpan);
        }
        return Decode(output.WrittenMemory);
    }

    /// <summary>Reads a stored list.</summary>
    /// <exception cref="CodecException">The bytes are not a list of parts.</exception>
    public static PartList Decode(ReadOnlyMemory<byte> encoded)
    {
        var starts = new List<int>();
        long units = 0;
        for (int at = 0; at < encoded.Length;)
        {
            int length = encoded.Length - at < HeaderBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(encoded.Span[(at + 8)..]);
            if (length < 0 || length > encoded.Length - at - HeaderBytes)
            {
                throw new CodecException(string.Create(CultureInfo.InvariantCulture, $"The stored list of parts is damaged at byte {at}."));
            }
            units = checked(units + BinaryPrimitives.ReadInt64LittleEndian(encoded.Span[at..]));
            starts.Add(at);
            at += HeaderBytes + length;
        }
        return new PartList(encoded, [.. starts], units);
    }

    private static JobPartException Permanent(FormattableString message) =>
        new(message.ToString(CultureInfo.InvariantCulture), isPermanent: true);
}
