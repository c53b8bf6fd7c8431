using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace ActorGrid.Jobs;

/// <summary>Writes the fields of a message one after the other.</summary>
internal readonly struct JobWireWriter(ArrayBufferWriter<byte> output)
{
    public void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(sizeof(long)), value);
        output.Advance(sizeof(long));
    }

    /// <summary>Writes a text; what does not fit is cut off, and half a surrogate pair becomes a question mark: only what people read is
    /// that long or malformed.</summary>
    public void Text(string value)
    {
        if (value.Length > JobFailure.CauseLengthMax) value = value[..JobFailure.CauseLengthMax];
        int length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(length)));
    }

    public void Texts(IReadOnlyList<string> values)
    {
        Int32(values.Count);
        foreach (string value in values) Text(value);
    }

    public void Bytes(ReadOnlyMemory<byte> value)
    {
        if (value.Length > JobWire.PieceBytesMax)
            throw new ArgumentOutOfRangeException(nameof(value), value.Length, "A message does not carry that much.");
        Int32(value.Length);
        output.Write(value.Span);
    }

    /// <summary>Writes a span: its trace (16), itself (8), and whether it is recorded (1).</summary>
    public void Span(ActivityContext value)
    {
        value.TraceId.CopyTo(output.GetSpan(16)[..16]);
        output.Advance(16);
        value.SpanId.CopyTo(output.GetSpan(8)[..8]);
        output.Advance(8);
        Flag(value.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));
    }

    public void Progress(JobProgress progress)
    {
        Byte((byte)progress.Status);
        Int32(progress.Done);
        Int32(progress.Total);
        Int64(progress.UnitsDone);
        Int64(progress.UnitsTotal);
        Int64(BitConverter.DoubleToInt64Bits(progress.UnitsPerSecond));
        Int64(progress.TimeLeft?.Ticks ?? -1);
        Int32(progress.Failures);
    }
}
