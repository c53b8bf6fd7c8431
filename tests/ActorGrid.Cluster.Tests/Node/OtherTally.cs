using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

public sealed record OtherMark : ICommand<OtherTally, int>;

/// <summary>A second type.</summary>
public sealed class OtherTally : Entity<OtherTally, int, TallyEvent>
{
    public OtherTally() => On<OtherMark, int>("mark", (_, _, _) => Persist(new Marked()).Reply(n => n));

    public override int Initial => 0;

    public override int Apply(int state, TallyEvent e) => state + 1;
}

[JsonSerializable(typeof(OtherMark)), JsonSerializable(typeof(TallyEvent)), JsonSerializable(typeof(int))]
public sealed partial class OtherTallyJson : JsonSerializerContext;
