using System.Text;

namespace ActorGrid.Cluster;

/// <summary>Reads what <see cref="ViewWriter"/> wrote; every number and length is checked against its bound before anything is made of it.</summary>
internal ref struct ViewReader(ReadOnlySpan<byte> input)
{
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = input;

    public byte Byte(byte max = byte.MaxValue)
    {
        byte value = Take(1)[0];
        return value <= max ? value : throw new InvalidDataException($"The view holds {value} where at most {max} is allowed.");
    }

    public int Number(int max) => Number() is var value && value <= max
        ? (int)value
        : throw new InvalidDataException($"The view holds {value} where at most {max} is allowed.");

    public long Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return (long)value;
        }
        throw new InvalidDataException("The view holds a number without end.");
    }

    /// <summary>The length of a list: no more than there is room for in what is left.</summary>
    /// <param name="itemBytesMin">The fewest bytes that an item takes.</param>
    public int Count(int itemBytesMin) => Number(_rest.Length / itemBytesMin);

    public Guid Guid() => new(Take(16), bigEndian: true);

    public string Text(int lengthMax)
    {
        var bytes = Take(Number(Math.Min(_rest.Length, lengthMax * 3)));
        try
        {
            string text = Utf8.GetString(bytes);
            return text.Length <= lengthMax ? text : throw new InvalidDataException($"A text of {text.Length} characters stands where at most {lengthMax} are allowed.");
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("A text is not UTF-8.", e);
        }
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty) throw new InvalidDataException($"{_rest.Length} bytes follow the view.");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new InvalidDataException($"The view ends {length - _rest.Length} bytes early.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
