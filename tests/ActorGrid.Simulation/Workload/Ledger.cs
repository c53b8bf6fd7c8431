using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Simulation;

/// <summary>Adds a number to a list; answers at which place it stands.</summary>
public sealed record Add(int Number) : ICommand<Ledger, int>;

/// <summary>Adds a number to a list later.</summary>
public sealed record AddLater(int Number, TimeSpan Delay) : ICommand<Ledger, Done>;

/// <summary>How many numbers the list has; changes nothing.</summary>
public sealed record Count : ICommand<Ledger, int>;

/// <summary>All numbers; changes nothing.</summary>
public sealed record List : ICommand<Ledger, int[]>;

/// <summary>Is always refused.</summary>
public sealed record Refuse : ICommand<Ledger, Done>;

[JsonDerivedType(typeof(Added), "added")]
public abstract record LedgerEvent;

public sealed record Added(int Number) : LedgerEvent;

/// <summary>A list of numbers: what is needed to see whether a write is lost, or there twice.</summary>
public sealed class Ledger : Entity<Ledger, int[], LedgerEvent>
{
    public Ledger()
    {
        On<Add, int>("add", (_, c, _) => Persist(new Added(c.Number)).Reply(numbers => numbers.Length));
        On<AddLater, Done>("add-later", (_, c, _) => Persist().ThenRemind($"r{c.Number}", c.Delay, new Add(c.Number)).Reply());
        On<Count, int>("count", (numbers, _, _) => Answer(numbers.Length));
        On<List, int[]>("list", (numbers, _, _) => Answer(numbers));
        On<Refuse, Done>("refuse", (_, _, _) => Reject("As asked."));
    }

    public override int[] Initial => [];

    public override int[] Apply(int[] state, LedgerEvent e) => e switch
    {
        Added added => [.. state, added.Number],
        _ => throw Unknown(e),
    };
}

[JsonSerializable(typeof(Add))]
[JsonSerializable(typeof(AddLater))]
[JsonSerializable(typeof(Count))]
[JsonSerializable(typeof(List))]
[JsonSerializable(typeof(Refuse))]
[JsonSerializable(typeof(LedgerEvent))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(int))]
public sealed partial class LedgerJson : JsonSerializerContext;
