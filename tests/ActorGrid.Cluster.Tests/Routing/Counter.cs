using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

public sealed record Add(long Amount) : ICommand<Counter, long>;

public sealed record Total : ICommand<Counter, long>;

[JsonDerivedType(typeof(Added), "added")]
public abstract record CounterEvent;

public sealed record Added(long Amount) : CounterEvent;

/// <summary>An entity that shows how often it was asked.</summary>
public sealed class Counter : Entity<Counter, long, CounterEvent>
{
    public Counter()
    {
        On<Add, long>("add", (total, add, _) => add.Amount <= 0
            ? Reject("It must be more than zero.")
            : Persist(new Added(add.Amount)).Reply(after => after));
        On<Total, long>("total", (total, _, _) => Answer(total));
    }

    public override long Initial => 0;

    public override long Apply(long state, CounterEvent e) => e is Added added ? state + added.Amount : throw Unknown(e);
}

[JsonSerializable(typeof(Add))]
[JsonSerializable(typeof(Total))]
[JsonSerializable(typeof(CounterEvent))]
[JsonSerializable(typeof(long))]
public sealed partial class CounterJson : JsonSerializerContext;
