using System.Buffers;
using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>Messages between the jobs of nodes as bytes: the version of the layout, the kind, and its fields in order; numbers in network
/// order, texts and payloads behind their length. Each length is checked before anything is made of it.</summary>
internal static class JobWire
{
    /// <summary>The version of the layout. Who gets another one ignores the message: nodes of two versions do not share work.</summary>
    public const byte Version = 1;

    /// <summary>The most bytes of an outcome that one message carries, and of a part that is sent along: 512 KiB. Messages have to be small, lest
    /// they hold up what shares the link with them.</summary>
    public const int PieceBytesMax = 512 << 10;

    /// <summary>The most types, or pieces of work, that one message names.</summary>
    public const int ItemsMax = 4096;

    /// <summary>The most bytes of a text, in UTF-8.</summary>
    public const int TextBytesMax = JobFailure.CauseLengthMax * 3;

    public static ReadOnlySpan<byte> Encode(JobMessage message, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        var output = new JobWireWriter(buffer);
        output.Byte(Version);
        switch (message)
        {
            case WorkOffered m:
                output.Byte(1);
                output.Texts(m.Types);
                break;
            case WorkPulled m:
                output.Byte(2);
                output.Int32(m.Room);
                output.Texts(m.Types);
                break;
            case WorkExhausted m:
                output.Byte(3);
                output.Int32(m.Room);
                break;
            case WorkGiven m:
                output.Byte(4);
                output.Int64(m.Number);
                output.Text(m.Job.Key);
                output.Int32(m.Step);
                output.Int32(m.Attempt);
                output.Int32(m.Start);
                output.Int32(m.Parts);
                output.Flag(m.Part is not null);
                output.Bytes(m.Part ?? default);
                break;
            case WorkCancelled m:
                output.Byte(5);
                output.Int64(m.Number);
                break;
            case WorkSettled m:
                output.Byte(6);
                output.Int64(m.Number);
                break;
            case ResultWanted m:
                output.Byte(7);
                output.Int64(m.Number);
                output.Int32(m.Offset);
                break;
            case ResultReady m:
                output.Byte(8);
                output.Int64(m.Number);
                output.Int32(m.Length);
                output.Bytes(m.Whole);
                break;
            case ResultPiece m:
                output.Byte(9);
                output.Int64(m.Number);
                output.Int32(m.Offset);
                output.Bytes(m.Bytes);
                break;
            case WorkFailed m:
                output.Byte(10);
                output.Int64(m.Number);
                output.Text(m.Cause);
                output.Flag(m.IsPermanent);
                break;
            case WorkReturned m:
                output.Byte(11);
                output.Int64(m.Number);
                output.Flag(m.IsRefused);
                output.Text(m.Why);
                break;
            case WorkReport m:
                output.Byte(12);
                output.Int64(m.Last);
                output.Int32(m.Works.Count);
                foreach (var (number, units) in m.Works)
                {
                    output.Int64(number);
                    output.Int64(units);
                }
                break;
            case JobFollowed m:
                output.Byte(13);
                output.Text(m.Job.Key);
                break;
            case JobNoticed m:
                output.Byte(14);
                output.Text(m.Job.Key);
                output.Flag(m.Progress is not null);
                if (m.Progress is { } progress) output.Progress(progress);
                break;
            case WorkTraced m:
                output.Byte(15);
                output.Int64(m.Number);
                output.Span(m.Span);
                break;
            default: throw new InvalidOperationException($"{message.GetType().Name} has no form on the wire.");
        }
        return buffer.WrittenSpan;
    }

    /// <summary>Reads a message; what it holds is its own.</summary>
    /// <returns>Null if it has another version, or is of a kind that this one does not know.</returns>
    /// <exception cref="CodecException">It is malformed.</exception>
    public static JobMessage? Decode(ReadOnlySpan<byte> message)
    {
        var input = new JobWireReader(message);
        if (input.Byte() != Version) return null;
        JobMessage? decoded = input.Byte() switch
        {
            1 => new WorkOffered(input.Texts()),
            2 => new WorkPulled(input.Count(ItemsMax), input.Texts()),
            3 => new WorkExhausted(input.Count(ItemsMax)),
            4 => Given(ref input),
            5 => new WorkCancelled(input.Number()),
            6 => new WorkSettled(input.Number()),
            7 => new ResultWanted(input.Number(), input.Count(JobLimits.PayloadBytesMax)),
            8 => Ready(ref input),
            9 => new ResultPiece(input.Number(), input.Count(JobLimits.PayloadBytesMax), input.Bytes()),
            10 => new WorkFailed(input.Number(), input.Text(), input.Flag()),
            11 => new WorkReturned(input.Number(), input.Flag(), input.Text()),
            12 => Report(ref input),
            13 => new JobFollowed(input.Job()),
            14 => new JobNoticed(input.Job(), input.Flag() ? input.Progress() : null),
            15 => new WorkTraced(input.Number(), input.Span()),
            _ => null,
        };
        if (decoded is not null) input.End();
        return decoded;
    }

    private static WorkGiven Given(ref JobWireReader input)
    {
        long number = input.Number();
        var job = input.Job();
        int step = input.Int32();
        if (step is < JobStep.Combine or >= JobLimits.PartsMax) throw new CodecException($"There is no step {step}.");
        var (attempt, start, parts) = (input.Count(int.MaxValue), input.Count(int.MaxValue), input.Count(JobLimits.PartsMax));
        bool hasPart = input.Flag();
        var part = input.Bytes();
        return new WorkGiven(number, job, step, attempt, start, parts, hasPart ? part : (ReadOnlyMemory<byte>?)null);
    }

    private static ResultReady Ready(ref JobWireReader input)
    {
        var ready = new ResultReady(input.Number(), input.Count(JobLimits.PayloadBytesMax), input.Bytes());
        bool isWhole = ready.Whole.Length == ready.Length;
        if (!isWhole && !ready.Whole.IsEmpty) throw new CodecException($"{ready.Whole.Length} of {ready.Length} bytes are neither all nor none.");
        return ready;
    }

    private static WorkReport Report(ref JobWireReader input)
    {
        long last = input.Number();
        var works = new (long Number, long Units)[input.Count(ItemsMax)];
        for (int i = 0; i < works.Length; i++) works[i] = (input.Number(), input.Int64());
        return new WorkReport(last, works);
    }
}
