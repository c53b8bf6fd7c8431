using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Benchmarks;

/// <summary>The entity that the benchmarks persist: an event carries a note of 100 characters.</summary>
public sealed record Add(int Amount, string Note) : ICommand<Tally, long>;

public sealed record GetTotal : ICommand<Tally, long>;

[JsonDerivedType(typeof(Added), "added")]
public abstract record TallyEvent;

public sealed record Added(int Amount, string Note) : TallyEvent;

public sealed class Tally : Entity<Tally, long, TallyEvent>
{
    public Tally()
    {
        On<Add, long>("add", (total, command, at) => Persist(new Added(command.Amount, command.Note)).Reply(after => after));
        On<GetTotal, long>("get-total", (total, command, at) => Answer(total));
    }

    public override long Initial => 0;

    public override long Apply(long total, TallyEvent e) => e is Added added ? total + added.Amount : throw Unknown(e);
}

[JsonSerializable(typeof(Add)), JsonSerializable(typeof(GetTotal)), JsonSerializable(typeof(TallyEvent)), JsonSerializable(typeof(long))]
public sealed partial class TallyJson : JsonSerializerContext;
