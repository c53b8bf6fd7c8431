using ActorGrid.Persistence;

namespace ActorGrid.Failover;

/// <summary>
/// What the benchmark asks: each write adds a number that is used once, each answer says which version it rests on and which process decided it. Together with the times at which
/// the client sent and received, that is enough to prove of a run that nothing was lost, doubled, read stale, or decided by two owners.
/// </summary>
public sealed class Counter : Entity<Counter, Ledger, CounterEvent>
{
    public Counter()
    {
        On<Add, Reading>("add", (_, c, _) => Persist(new Added(c.Number)).Reply(after => new Reading(after.Version, Environment.ProcessId)));
        On<Read, Reading>("read", (ledger, _, _) => Answer(new Reading(ledger.Version, Environment.ProcessId)));
        On<GetLedger, Ledger>("get-ledger", (ledger, _, _) => Answer(ledger));
    }

    public override Ledger Initial => new(0, 0, []);

    public override Ledger Apply(Ledger ledger, CounterEvent e) => e switch
    {
        Added added when NumberSet.Add(ledger.Numbers, added.Number) is { } numbers => ledger with { Version = ledger.Version + 1, Numbers = numbers },
        Added => ledger with { Version = ledger.Version + 1, Doubled = ledger.Doubled + 1 },
        _ => throw Unknown(e),
    };
}
