using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace ActorGrid.Cluster;

/// <summary>Writes the parts of a view: numbers in groups of 7 bits, the lowest first; texts in UTF-8, and lists, behind their length.</summary>
internal sealed class ViewWriter
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    /// <summary>A number from 0 on.</summary>
    public void Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value >= 0x80; value >>= 7) Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    public void Guid(Guid value)
    {
        value.TryWriteBytes(_output.GetSpan(16), bigEndian: true, out int written);
        _output.Advance(written);
    }

    public void Text(string value)
    {
        Number(ViewReader.Utf8.GetByteCount(value));
        ViewReader.Utf8.GetBytes(value, _output);
    }

    public void List<T>(ImmutableArray<T> items, Action<ViewWriter, T> write)
    {
        Number(items.Length);
        foreach (var item in items) write(this, item);
    }
}
