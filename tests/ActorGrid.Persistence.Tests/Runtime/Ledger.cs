using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ActorGrid.Persistence.Tests;

public sealed record Add(int Number) : ICommand<Ledger, int>;

public sealed record AddLater(string Name, int Number, TimeSpan Delay) : ICommand<Ledger, Done>;

public sealed record CallOff(string Name) : ICommand<Ledger, Done>;

public sealed record GetNumbers : ICommand<Ledger, ImmutableArray<int>>;

public sealed record Break : ICommand<Ledger, Done>;

public sealed record AddUnappliable : ICommand<Ledger, Done>;

public sealed record SetActive(bool Active) : ICommand<Ledger, Done>;

public sealed record Attach(string Name, byte[]? Payload) : ICommand<Ledger, Done>;

[JsonDerivedType(typeof(Added), "added")]
[JsonDerivedType(typeof(Unappliable), "unappliable")]
public abstract record LedgerEvent;

public sealed record Added(int Number) : LedgerEvent;

public sealed record Unappliable : LedgerEvent;

/// <summary>Keeps every number that it was given, so that a test sees what took effect, how often, and in which order.</summary>
public sealed class Ledger : Entity<Ledger, ImmutableArray<int>, LedgerEvent>
{
    public Ledger()
    {
        On<Add, int>("add", (_, c, _) => c.Number < 0 ? Reject("Negative.") : Persist(new Added(c.Number)).Reply(s => s.Length));
        On<AddLater, Done>("add-later", (_, c, _) => Persist().ThenRemind(c.Name, c.Delay, new Add(c.Number)).Reply());
        On<CallOff, Done>("call-off", (_, c, _) => Persist().ThenCancelReminder(c.Name).Reply());
        On<GetNumbers, ImmutableArray<int>>("get", (s, _, _) => Answer(s));
        On<Break, Done>("break", (_, _, _) => throw new InvalidOperationException("Broken."));
        On<AddUnappliable, Done>("add-unappliable", (_, _, _) => Persist(new Added(1), new Unappliable()).Reply());
        On<SetActive, Done>("set-active", (_, c, _) => c.Active ? Persist().ThenStayActive().Reply() : Persist().ThenRest().Reply());
        On<Attach, Done>("attach", (_, c, _) => c.Payload is null ? Persist().ThenDetach(c.Name).Reply() : Persist().ThenAttach(c.Name, c.Payload).Reply());
    }

    public override ImmutableArray<int> Initial => [];

    public override ImmutableArray<int> Apply(ImmutableArray<int> state, LedgerEvent e) => e switch
    {
        Added added => state.Add(added.Number),
        _ => throw Unknown(e),
    };
}

[JsonSerializable(typeof(Add)), JsonSerializable(typeof(AddLater)), JsonSerializable(typeof(CallOff)), JsonSerializable(typeof(GetNumbers))]
[JsonSerializable(typeof(Break)), JsonSerializable(typeof(AddUnappliable)), JsonSerializable(typeof(SetActive)), JsonSerializable(typeof(Attach))]
[JsonSerializable(typeof(LedgerEvent)), JsonSerializable(typeof(ImmutableArray<int>)), JsonSerializable(typeof(int))]
public sealed partial class LedgerJson : JsonSerializerContext;
