using System.Text.Json;
using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Simulation;

/// <summary>Adds a number to a list; answers at which place it stands.</summary>
public sealed record Put(int Number) : ICommand<Fragile, int>;

/// <summary>The same, by an event that nobody reads again.</summary>
public sealed record Spoil(int Number) : ICommand<Fragile, int>;

/// <summary>All numbers; changes nothing.</summary>
public sealed record Show : ICommand<Fragile, int[]>;

[JsonDerivedType(typeof(Kept), "kept")]
[JsonDerivedType(typeof(Spoiled), "spoiled")]
public abstract record FragileEvent;

public sealed record Kept(int Number) : FragileEvent;

/// <summary>Is written and cannot be read: a mistake of its author that shows in the first recovery that comes by.</summary>
public sealed record Spoiled([property: JsonConverter(typeof(OneWayNumber))] int Number) : FragileEvent;

/// <summary>A list of numbers, of which some events quarantine it when it is recovered.</summary>
public sealed class Fragile : Entity<Fragile, int[], FragileEvent>
{
    public Fragile()
    {
        On<Put, int>("put", (_, c, _) => Persist(new Kept(c.Number)).Reply(numbers => numbers.Length));
        On<Spoil, int>("spoil", (_, c, _) => Persist(new Spoiled(c.Number)).Reply(numbers => numbers.Length));
        On<Show, int[]>("show", (numbers, _, _) => Answer(numbers));
    }

    public override int[] Initial => [];

    public override int[] Apply(int[] state, FragileEvent e) => e switch
    {
        Kept kept => [.. state, kept.Number],
        Spoiled spoiled => [.. state, spoiled.Number],
        _ => throw Unknown(e),
    };
}

public sealed class OneWayNumber : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new JsonException("As planted.");

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

[JsonSerializable(typeof(Put))]
[JsonSerializable(typeof(Spoil))]
[JsonSerializable(typeof(Show))]
[JsonSerializable(typeof(FragileEvent))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(int))]
public sealed partial class FragileJson : JsonSerializerContext;
