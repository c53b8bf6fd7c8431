namespace ActorGrid.Failover;

/// <summary>
/// Checks what a client saw, and what the store holds at the end, against the promises. An answer is counted as there from when the client has it; so what was answered before
/// another ask was sent must be part of that one's answer.
/// </summary>
internal static class Prover
{
    private const int ExamplesMax = 20;

    /// <summary>Checks a run.</summary>
    /// <param name="asks">All asks of a run; no other writer has touched the entities.</param>
    /// <param name="ledgers">What the store holds, by entity.</param>
    public static Proof Prove(IReadOnlyList<Ask> asks, IReadOnlyList<Ledger> ledgers)
    {
        var findings = new Findings();
        foreach (var group in asks.GroupBy(a => a.Entity))
        {
            Ask[] answered = [.. group.Where(a => a.IsAnswered)];
            FindLost(group.Key, answered, ledgers[group.Key], findings);
            FindSharedVersions(group.Key, answered, findings);
            FindStale(group.Key, answered, findings);
        }
        int doubled = ledgers.Sum(l => l.Doubled);
        if (doubled > 0) findings.Say($"{doubled} numbers were added twice");
        return new Proof(findings.Lost, doubled, findings.Stale, findings.TwoOwners, findings.Examples);
    }

    private static void FindLost(int entity, Ask[] answered, Ledger ledger, Findings findings)
    {
        foreach (var write in answered.Where(a => a.IsWrite && !NumberSet.Contains(ledger.Numbers, a.Number)))
        {
            findings.Lost++;
            findings.Say($"entity {entity}: number {write.Number} was acknowledged as version {write.Reading.Version} by process {write.Reading.Owner}, and is not there");
        }
    }

    private static void FindSharedVersions(int entity, Ask[] answered, Findings findings)
    {
        foreach (var same in answered.Where(a => a.IsWrite).GroupBy(a => a.Reading.Version).Where(g => g.Count() > 1))
        {
            findings.TwoOwners++;
            findings.Say($"entity {entity}: version {same.Key} was given to " + string.Join(" and ", same.Select(a => $"number {a.Number} by process {a.Reading.Owner}")));
        }
    }

    /// <summary>Goes through the moments at which asks were sent, with all that had been answered before each.</summary>
    private static void FindStale(int entity, Ask[] answered, Findings findings)
    {
        var byEnd = answered.OrderBy(a => a.Ended).ToArray();
        Reading newest = default;
        int ended = 0;
        foreach (var ask in answered.OrderBy(a => a.Sent))
        {
            for (; ended < byEnd.Length && byEnd[ended].Ended < ask.Sent; ended++)
            {
                if (byEnd[ended].Reading.Version > newest.Version) newest = byEnd[ended].Reading;
            }
            long oldest = ask.IsWrite ? newest.Version + 1 : newest.Version;
            if (ask.Reading.Version >= oldest) continue;
            findings.Stale++;
            if (ask.Reading.Owner != newest.Owner) findings.TwoOwners++;
            findings.Say(
                $"entity {entity}: a {(ask.IsWrite ? "write" : "read")} sent at {ask.Sent.TotalSeconds:f3} s was answered with version {ask.Reading.Version} by process {ask.Reading.Owner}, "
                + $"though version {newest.Version} had been answered before by process {newest.Owner}");
        }
    }

    private sealed class Findings
    {
        public int Lost, Stale, TwoOwners;

        public List<string> Examples { get; } = [];

        public void Say(string example)
        {
            if (Examples.Count < ExamplesMax) Examples.Add(example);
        }
    }
}
