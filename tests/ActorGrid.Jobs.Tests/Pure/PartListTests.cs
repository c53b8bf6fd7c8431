using System.Text.Json.Serialization;
using ActorGrid.Actors;

namespace ActorGrid.Jobs.Tests.Pure;

public class PartListTests
{
    private static readonly MessageCodec<string> Codec = new JsonMessageCodec<string>("part", PartListJson.Default.String);

    [Fact]
    public void Parts_come_back_with_their_weights()
    {
        var list = PartList.Decode(PartList.Encode(["a", "", "ccc"], part => part.Length, Codec).Encoded);
        Assert.Equal(3, list.Count);
        Assert.Equal(4, list.Units);
        Assert.Equal([1, 0, 3], Enumerable.Range(0, 3).Select(list.Weight));
        Assert.Equal(["a", "", "ccc"], Enumerable.Range(0, 3).Select(part => Codec.Decode(list.Payload(part).Span)));
    }

    [Fact]
    public void No_parts_are_a_list_too() => Assert.Equal(0, PartList.Decode(PartList.Encode([], part => 1, Codec).Encoded).Count);

    [Fact]
    public void Too_many_parts_and_negative_weights_are_refused_for_good()
    {
        var many = Assert.Throws<JobPartException>(() => PartList.Encode(new string[JobLimits.PartsMax + 1], part => 1, Codec));
        Assert.True(many.IsPermanent);
        Assert.Contains("100001 parts; at most 100000", many.Message, StringComparison.Ordinal);
        Assert.Contains(
            "weight of part 1 is -1",
                Assert.Throws<JobPartException>(() => PartList.Encode(["a", "b"], part => part == "b" ? -1 : 1, Codec)).Message,
                    StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_noticed()
    {
        var encoded = PartList.Encode(["a", "b"], part => 1, Codec).Encoded;
        Assert.Throws<CodecException>(() => PartList.Decode(encoded[..^1]));
        Assert.Throws<CodecException>(() => PartList.Decode(new byte[] { 1, 2, 3 }));
    }
}

[JsonSerializable(typeof(string))]
internal sealed partial class PartListJson : JsonSerializerContext;
