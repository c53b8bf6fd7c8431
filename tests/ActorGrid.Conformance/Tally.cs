using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

public sealed record Count(int By) : ICommand<Tally, int>;

[JsonDerivedType(typeof(Counted), "counted")]
public abstract record TallyEvent;

public sealed record Counted(int By) : TallyEvent;

/// <summary>Counts, for projections to count along.</summary>
public sealed class Tally : Entity<Tally, int, TallyEvent>
{
    public Tally() => On<Count, int>("count", (_, c, _) => Persist(new Counted(c.By)).Reply(sum => sum));

    public override int Initial => 0;

    public override int Apply(int state, TallyEvent e) => e is Counted counted ? state + counted.By : throw Unknown(e);
}

[JsonSerializable(typeof(Count)), JsonSerializable(typeof(TallyEvent)), JsonSerializable(typeof(int))]
public sealed partial class TallyJson : JsonSerializerContext;
