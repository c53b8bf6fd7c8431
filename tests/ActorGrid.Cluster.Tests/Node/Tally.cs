using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

public sealed record Mark : ICommand<Tally, int>;

public sealed record GetTally : ICommand<Tally, int>;

[JsonDerivedType(typeof(Marked), "marked")]
public abstract record TallyEvent;

public sealed record Marked : TallyEvent;

/// <summary>Counts what took effect.</summary>
public sealed class Tally : Entity<Tally, int, TallyEvent>
{
    public Tally()
    {
        On<Mark, int>("mark", (_, _, _) => Persist(new Marked()).Reply(n => n));
        On<GetTally, int>("get", (n, _, _) => Answer(n));
    }

    public override int Initial => 0;

    public override int Apply(int state, TallyEvent e) => e is Marked ? state + 1 : throw Unknown(e);
}

[JsonSerializable(typeof(Mark)), JsonSerializable(typeof(GetTally)), JsonSerializable(typeof(TallyEvent)), JsonSerializable(typeof(int))]
public sealed partial class TallyJson : JsonSerializerContext;
