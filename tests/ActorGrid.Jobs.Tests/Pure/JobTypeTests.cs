using System.Text.Json.Serialization;

namespace ActorGrid.Jobs.Tests.Pure;

public class JobTypeTests
{
    [Fact]
    public void A_type_without_a_codec_is_named_with_the_line_to_add()
    {
        var error = Assert.Throws<InvalidOperationException>(() => JobType.Create<DateJob>("dates", DateJson.Default));
        Assert.Contains(
            "'dates' has no codec for its part, System.DateOnly: add [JsonSerializable(typeof(DateOnly))] to DateJson", error.Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_codec_of_ones_own_stands_in_for_json()
    {
        var type = JobType.Create<SumJob>("sum", JobAndPartJson.Default, codecs: new Utf16Codec());
        var program = type.Load(type.EncodeJob(new SumJob(3)));
        Assert.Equal(4, program.EncodePartial("ab").Length);
        Assert.Equal("ab", program.DecodePartial(program.EncodePartial("ab").Span));
        Assert.Equal("[ab]", type.DecodeResult<string>(program.EncodeResult("ab")));
        Assert.Equal("[]", type.DecodeResult<string>(program.EncodeResult(total: null)));
        Assert.Throws<InvalidCastException>(() => type.DecodeResult<int>(program.EncodeResult("ab")));
    }

    [Theory]
    [InlineData("Sum")]
    [InlineData("")]
    [InlineData("a-name-that-is-much-too-long-to-be-the-name-of-a-type-of-jobs")]
    public void Bad_names_are_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => JobType.Create<SumJob>(name, SumJson.Default));

    [Fact]
    public void What_is_no_job_is_refused() =>
        Assert.Contains(
            "derive it from Job<TPart", Assert.Throws<ArgumentException>(() => JobType.Create<string>("sum", SumJson.Default)).Message,
                StringComparison.Ordinal);

    [Fact]
    public void Options_are_checked_by_name()
    {
        var error =
            Assert.Throws<ArgumentException>(() => JobType.Create<SumJob>("sum", SumJson.Default, new JobOptions { AttemptsMax = 0 }));
        Assert.Contains("JobOptions.AttemptsMax is 0; it must be 1 to 1,000", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => JobType.Create<SumJob>("sum", SumJson.Default, new JobOptions { PartTimeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(
            () => JobType.Create<SumJob>("sum", SumJson.Default, new JobOptions { Retention = TimeSpan.Zero }));
    }
}

public sealed record DateJob : Job<DateOnly, int, int>
{
    public override ValueTask<IReadOnlyList<DateOnly>> SplitAsync(CancellationToken cancellationToken) => new([]);

    public override ValueTask<int> RunAsync(DateOnly part, JobContext context) => new(1);

    public override int Combine(int left, int right) => left + right;

    public override int Result(int total) => total;
}

[JsonSerializable(typeof(DateJob))]
[JsonSerializable(typeof(int))]
internal sealed partial class DateJson : JsonSerializerContext;

[JsonSerializable(typeof(SumJob))]
[JsonSerializable(typeof(int))]
internal sealed partial class JobAndPartJson : JsonSerializerContext;
