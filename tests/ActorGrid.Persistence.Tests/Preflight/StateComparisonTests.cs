using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ActorGrid.Actors;

namespace ActorGrid.Persistence.Tests;

public sealed partial class StateComparisonTests
{
    [Fact]
    public void The_order_of_properties_does_not_count()
    {
        var codec = new JsonMessageCodec<Dictionary<string, int>>("d", StateJson.Default.DictionaryStringInt32);
        Dictionary<string, int> one = new() { ["a"] = 1, ["b"] = 2 }, other = new() { ["b"] = 2, ["a"] = 1 };

        Assert.Null(StateComparison.Difference(one, other, codec));
        other["b"] = 3;
        Assert.NotNull(StateComparison.Difference(one, other, codec));
    }

    [Fact]
    public void Numbers_are_the_same_however_they_are_written() =>
        Assert.Null(StateComparison.Difference(1.0m, 1.00m, new JsonMessageCodec<decimal>("d", StateJson.Default.Decimal)));

    [Fact]
    public void The_equality_of_the_state_counts_where_its_bytes_differ()
    {
        var codec = new JsonMessageCodec<Tags>("t", StateJson.Default.Tags);

        Assert.Null(StateComparison.Difference(new Tags(["a", "b"]), new Tags(["b", "a"]), codec));
        Assert.NotNull(StateComparison.Difference(new Tags(["a", "b"]), new Tags(["a", "c"]), codec));
    }

    [Fact]
    public void A_difference_in_a_large_state_is_shown_where_it_is()
    {
        var numbers = Enumerable.Range(0, 10_000).ToImmutableArray();
        string? difference = StateComparison.Difference(numbers, numbers.SetItem(5_000, -1), new JsonMessageCodec<ImmutableArray<int>>("n", StateJson.Default.ImmutableArrayInt32));

        Assert.Contains("4999,5000,5001", difference, StringComparison.Ordinal);
        Assert.Contains("4999,-1,5001", difference, StringComparison.Ordinal);
        Assert.InRange(difference!.Length, 1, 600);
    }

    /// <summary>A set that is written in the order of its making.</summary>
    public sealed class Tags(IReadOnlyList<string> names) : IEquatable<Tags>
    {
        public IReadOnlyList<string> Names { get; } = names;

        public bool Equals(Tags? other) => other is not null && Names.Order(StringComparer.Ordinal).SequenceEqual(other.Names.Order(StringComparer.Ordinal));

        public override bool Equals(object? obj) => Equals(obj as Tags);

        public override int GetHashCode() => Names.Count;
    }

    [JsonSerializable(typeof(Dictionary<string, int>)), JsonSerializable(typeof(decimal)), JsonSerializable(typeof(Tags)), JsonSerializable(typeof(ImmutableArray<int>))]
    private sealed partial class StateJson : JsonSerializerContext;
}
