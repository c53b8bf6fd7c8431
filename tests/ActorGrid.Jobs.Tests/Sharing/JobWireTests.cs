using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Jobs.Tests.Sharing;

public class JobWireTests
{
    private static readonly EntityId Job = JobAddress.Of("sum", "ä/j");

    private static readonly ActivityContext Span = new(
        ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"), ActivitySpanId.CreateFromString("b7ad6b7169203331"), ActivityTraceFlags.Recorded, isRemote: true);

    private static JobMessage[] Messages =>
    [
        new WorkOffered(["sum", "word-count"]), new WorkPulled(0, []), new WorkPulled(7, ["sum"]), new WorkExhausted(3),
        new WorkGiven(1, Job, 5, 1, 2, 10, "part"u8.ToArray()), new WorkGiven(long.MaxValue, Job, JobStep.Combine, 1, 1, 0, null),
        new WorkGiven(2, Job, 0, 1, 1, 1, ReadOnlyMemory<byte>.Empty), new WorkCancelled(4), new WorkSettled(5), new ResultWanted(6, 99),
        new ResultReady(7, 3, "abc"u8.ToArray()), new ResultReady(8, JobLimits.PayloadBytesMax, default), new ResultPiece(9, 512, "x"u8.ToArray()),
        new WorkFailed(10, "why \u20AC", IsPermanent: true), new WorkReturned(11, IsRefused: true, ""), new WorkReport(12, [(1, 2), (3, -4)]),
        new JobFollowed(Job), new JobNoticed(Job, null), new WorkTraced(13, Span),
        new JobNoticed(Job, new JobProgress(JobStatus.Running, 1, 2, 3, 4, 5.5, TimeSpan.FromSeconds(6), 7)),
        new JobNoticed(Job, new JobProgress(JobStatus.Splitting, 0, 0, 0, 0, 0, null, 0)),
    ];

    [Fact]
    public void What_is_written_is_read()
    {
        foreach (var message in Messages) Assert.Equal(Text(message), Text(JobWire.Decode(Encode(message))!));
    }

    [Fact]
    public void A_span_is_read_as_it_was_written_and_none_without_an_id()
    {
        Assert.Equal(new WorkTraced(13, Span), JobWire.Decode(Encode(new WorkTraced(13, Span))));
        Assert.Throws<CodecException>(() => JobWire.Decode(Encode(new WorkTraced(13, default))));
    }

    [Fact]
    public void Each_kind_has_a_form()
    {
        var kinds = typeof(JobMessage).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(JobMessage)));
        Assert.Equal(kinds.OrderBy(kind => kind.Name), Messages.Select(message => message.GetType()).Distinct().OrderBy(kind => kind.Name));
    }

    [Fact]
    public void Other_versions_and_kinds_are_ignored()
    {
        Assert.Null(JobWire.Decode([JobWire.Version + 1, 1, 2, 3]));
        Assert.Null(JobWire.Decode([JobWire.Version, 200]));
    }

    [Fact]
    public void The_layout_of_version_1_stays_as_it_is() => Assert.Equal(
        "0104000000000000000100000005" + "73756D2F6A" + "00000005" + "00000001" + "00000002" + "0000000A" + "01" + "0000000170",
        Convert.ToHexString(Encode(new WorkGiven(1, JobAddress.Of("sum", "j"), 5, 1, 2, 10, "p"u8.ToArray()))));

    /// <summary>Whatever a peer sends, it is a message, ignored or refused, and nothing large is made of a few bytes.</summary>
    [Fact]
    public void Damaged_messages_are_refused() => Prop.ForAll(
        Gen.Elements(Messages).SelectMany(message => Gen.Choose(0, 400).SelectMany(at => Gen.Choose(0, 255).Select(value => (message, at, value)))).ToArbitrary(),
        damage =>
        {
            byte[] encoded = Encode(damage.message);
            byte[] changed = [.. encoded];
            changed[damage.at % changed.Length] = (byte)damage.value;
            Try(changed);
            Try(encoded[..(damage.at % encoded.Length)]);
            Try([.. encoded, (byte)damage.value]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Long_texts_are_cut()
    {
        var failed = (WorkFailed)JobWire.Decode(Encode(new WorkFailed(1, new string('\u20AC', 100_000), IsPermanent: false)))!;
        Assert.Equal(JobFailure.CauseLengthMax, failed.Cause.Length);
    }

    private static void Try(byte[] message)
    {
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            JobWire.Decode(message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        }
        catch (CodecException)
        {
            // Refused.
        }
    }

    private static byte[] Encode(JobMessage message) => JobWire.Encode(message, new ArrayBufferWriter<byte>()).ToArray();

    private static string Text(JobMessage message) => JsonSerializer.Serialize(message, message.GetType(), Readable) + message.GetType().Name;

    private static readonly JsonSerializerOptions Readable = new() { IncludeFields = true, Converters = { new Bytes() } };

    private sealed class Bytes : System.Text.Json.Serialization.JsonConverter<ReadOnlyMemory<byte>>
    {
        public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Convert.ToHexString(value.Span));
    }
}
