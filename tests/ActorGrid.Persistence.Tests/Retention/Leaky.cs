using System.Text.Json.Serialization;

namespace ActorGrid.Persistence.Tests;

public sealed record Drip : ICommand<Leaky, int>;

public sealed record GetDrops : ICommand<Leaky, int>;

[JsonDerivedType(typeof(Dripped), "dripped")]
public abstract record LeakyEvent;

public sealed record Dripped : LeakyEvent;

/// <summary>A state that is written as it is, and read as if nothing had happened.</summary>
public sealed class Drops
{
    public int Count { get; private init; }

    public Drops Next() => new() { Count = Count + 1 };
}

public sealed class Leaky : Entity<Leaky, Drops, LeakyEvent>
{
    public Leaky()
    {
        On<Drip, int>("drip", (_, _, _) => Persist(new Dripped()).Reply(s => s.Count));
        On<GetDrops, int>("get-drops", (s, _, _) => Answer(s.Count));
    }

    public override Drops Initial => new();

    public override Drops Apply(Drops state, LeakyEvent e) => state.Next();
}

[JsonSerializable(typeof(Drip)), JsonSerializable(typeof(GetDrops)), JsonSerializable(typeof(LeakyEvent)), JsonSerializable(typeof(Drops)), JsonSerializable(typeof(int))]
public sealed partial class LeakyJson : JsonSerializerContext;
