using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>Reads the fields of a message one after the other. Each length is checked against its bound and against what is there before
/// anything is made of it.</summary>
internal ref struct JobWireReader(ReadOnlySpan<byte> input)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = input;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new CodecException($"A flag is {other}."),
    };

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    /// <summary>A number from 0 to <paramref name="max"/>.</summary>
    public int Count(int max)
    {
        int value = Int32();
        return value >= 0 && value <= max ? value : throw new CodecException($"A count is {value}; 0 to {max} is allowed there.");
    }

    /// <summary>A number from 0 on.</summary>
    public long Number() => Int64() is >= 0 and var value ? value : throw new CodecException("A number is negative.");

    public string Text()
    {
        try
        {
            return Utf8.GetString(Take(Count(JobWire.TextBytesMax)));
        }
        catch (DecoderFallbackException e)
        {
            throw new CodecException("A text is not UTF-8.", e);
        }
    }

    /// <summary>A job, by the key of its entity.</summary>
    public EntityId Job()
    {
        string key = Text();
        try
        {
            return JobAddress.Parse(key);
        }
        catch (ArgumentException e)
        {
            throw new CodecException("A job has a key that is not allowed.", e);
        }
    }

    public IReadOnlyList<string> Texts()
    {
        var texts = new List<string>();
        for (int left = Count(JobWire.ItemsMax); left > 0; left--) texts.Add(Text());
        return texts;
    }

    public byte[] Bytes() => Take(Count(JobWire.PieceBytesMax)).ToArray();

    public ActivityContext Span()
    {
        var trace = Take(16);
        var span = Take(8);
        if (!trace.ContainsAnyExcept((byte)0) || !span.ContainsAnyExcept((byte)0)) throw new CodecException("A span has no id.");
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(trace), ActivitySpanId.CreateFromBytes(span), Flag() ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: true);
    }

    public JobProgress Progress()
    {
        byte status = Byte();
        if (status > (byte)JobStatus.Cancelled) throw new CodecException($"There is no stage {status} of a job.");
        var (done, total) = (Count(JobLimits.PartsMax), Count(JobLimits.PartsMax));
        var (unitsDone, unitsTotal) = (Number(), Number());
        double rate = BitConverter.Int64BitsToDouble(Int64());
        if (!double.IsFinite(rate) || rate < 0) throw new CodecException("A rate is no number from 0 on.");
        long left = Int64();
        return new JobProgress(
            (JobStatus)status, done, total, unitsDone, unitsTotal, rate, left < 0 ? null : TimeSpan.FromTicks(left), Count(int.MaxValue));
    }

    /// <summary>Checks that nothing follows.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty) throw new CodecException($"{_rest.Length} bytes follow the message.");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new CodecException($"The message ends {length - _rest.Length} bytes early.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
